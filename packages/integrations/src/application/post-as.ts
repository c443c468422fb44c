import { callLimitPorts, createCallLimits } from '@coucou/application/kernel/call-limits';
import type { UserCall } from '@coucou/application/kernel/call';
import { callInName } from '@coucou/application/kernel/call-in-name';
import type { Ports } from '@coucou/application/kernel/token';
import { messageStored } from '@coucou/application/messages/message-hooks';
import { MessageReader } from '@coucou/application/messages/message-reader';
import { post, postPorts } from '@coucou/application/messages/post-message';
import { findSent, type Posted, resend } from '@coucou/application/messages/resend';
import { resolveReferences } from '@coucou/application/messages/resolve-references';
import { RequestDigests } from '@coucou/application/ports/request-digests';
import type { MessageId, UserId } from '@coucou/domain/kernel/ids';
import type { Integration } from '../domain/integration.ts';

export const postAsPorts = { ...postPorts, ...callLimitPorts, reader: MessageReader, digests: RequestDigests };

export type Written = Readonly<{
  content: string;
  replyToId?: MessageId | undefined;
  threadRootId?: MessageId | undefined;
  /** By which the same is stored once: unique within the integration. */
  key: string;
}>;

type Poster = Integration & Readonly<{ userId: UserId }>;

/**
 * Posts for an integration as its person does, by the same rules, hooks and limits; its message says whose it is. Throws what sending is refused
 * with. The id that clients know is made of the integration and the key: so no key of the integration is one of the person's own.
 */
export async function postAs(
  ports: Ports<typeof postAsPorts>,
  { accountId, id, name, conversationId, userId }: Poster,
  { content, replyToId, threadRootId, key }: Written,
  from: Pick<UserCall, 'requestId' | 'client'>,
): Promise<Posted> {
  const identity = {
    accountId,
    conversationId,
    senderId: userId,
    id: ports.ids.next<'message'>(),
    clientMessageId: ports.digests.uuid([accountId, id, key]),
  };
  const asSent = { integration: id, content };
  const call = callInName(accountId, userId, id, from.requestId, from.client);
  const sent = await findSent(ports.log, identity, asSent);
  if (sent !== undefined) return sent;
  const limits = createCallLimits(ports).ofOperations;
  await limits.take('messages', { conversationId }, call);
  try {
    const { accessVersion, ...references } = await resolveReferences(ports.reader, identity, { replyToId, threadRootId });
    const message = {
      ...identity,
      type: 'text' as const,
      content,
      data: undefined,
      parts: { integration: { id, name } },
      forwarded: false,
      ...references,
    };
    const screened = await ports.hooks.run(messageStored, message, call);
    return await post(ports, screened, asSent, accessVersion);
  } catch (refusal) {
    limits.giveBack('messages', { conversationId }, call);
    return resend(ports.log, identity, asSent, refusal);
  }
}
