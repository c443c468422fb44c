import type { UserId } from '@coucou/domain/kernel/ids';
import type { MessageType, NewMessage } from '@coucou/domain/messages/message';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import type { AppendRequest, SendKey } from '../ports/message-log.ts';
import { expandMentions } from './expand-mentions.ts';
import { messageStored, type WrittenMessage } from './message-hooks.ts';
import { MessageReader } from './message-reader.ts';
import { decide, post, postPorts } from './post-message.ts';
import { type Posted, resend } from './resend.ts';
import { type NamedReferences, resolveReferences } from './resolve-references.ts';

/** What a person writes, before what it refers to is looked up. */
export type WrittenContent = NamedReferences &
  Readonly<{
    type: Exclude<MessageType, 'system'>;
    content?: string | undefined;
    data?: Readonly<Record<string, unknown>> | undefined;
    expiresInSeconds?: number | undefined;
  }>;

/** The place and the names of a message. */
export type SendIdentity = Pick<NewMessage, 'accountId' | 'conversationId' | 'id' | 'senderId' | 'clientMessageId'>;

export const sendPorts = { ...postPorts, reader: MessageReader };

/** A conversation that the message opens: who will be in it, and what opens it once the message has passed. */
type Opening = Readonly<{ members: readonly UserId[]; open: (message: WrittenMessage) => Promise<NewMessage> }>;

/**
 * Sends what somebody wrote, now or when it was scheduled for: whoever may not say it any more is refused, unless an earlier send under
 * the same `clientMessageId` stored it.
 */
export async function sendContent(
  ports: Ports<typeof sendPorts>,
  identity: SendIdentity,
  content: WrittenContent,
  asSent: AppendRequest['asSent'],
  call: UserCall,
  opening?: Opening,
): Promise<Posted> {
  let key: SendKey = identity;
  try {
    const { message: resolved, accessVersion } = await resolve(ports, identity, content, call, opening?.members);
    const written = opening === undefined ? resolved : { ...resolved, opensDirect: true as const };
    const screened = await ports.hooks.run(messageStored, written, call);
    const message = opening === undefined ? screened : await opening.open(screened);
    key = message;
    return await post(ports, message, asSent, accessVersion);
  } catch (refusal) {
    return resend(ports.log, key, asSent, refusal);
  }
}

/** Throws what sending it now would be refused with, but for what hooks and slow mode refuse. */
export async function requireSendable(
  ports: Ports<typeof sendPorts>,
  identity: SendIdentity,
  written: WrittenContent,
  call: UserCall,
): Promise<void> {
  await decide(ports, (await resolve(ports, identity, written, call)).message, false);
}

async function resolve(
  { reader, hooks }: Ports<typeof sendPorts>,
  identity: SendIdentity,
  written: WrittenContent,
  call: UserCall,
  members?: readonly UserId[],
): Promise<Readonly<{ message: NewMessage; accessVersion: number | undefined }>> {
  const named = await expandMentions(hooks, identity.conversationId, written, call);
  const { accessVersion, ...references } = await resolveReferences(reader, identity, named, members);
  const { type, content, data, expiresInSeconds } = written;
  return {
    message: { ...identity, type, content, data, parts: undefined, forwarded: false, expiresInSeconds, ...references },
    accessVersion,
  };
}
