import { conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { Message, type MessageType, type NewMessage, type PostingSnapshot } from '@coucou/domain/messages/message';
import { findDirect, openDirect, openDirectPorts, type Pair } from '../conversations/open-direct.ts';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import type { SendKey } from '../ports/message-log.ts';
import { messageStored } from './message-hooks.ts';
import { MessageReader } from './message-reader.ts';
import { post, postPorts } from './post-message.ts';
import { findSent, resend } from './resend.ts';
import { type NamedReferences, resolveReferences } from './resolve-references.ts';

export type SendMessage = NamedReferences &
  Readonly<{
    conversationId?: ConversationId | undefined;
    toUserId?: UserId | undefined;
    clientMessageId?: string | undefined;
    type: Exclude<MessageType, 'system'>;
    content?: string | undefined;
    data?: Readonly<Record<string, unknown>> | undefined;
    expiresInSeconds?: number | undefined;
  }>;

/**
 * The hot path: with a cached snapshot, a plain message costs no query before the append. A refused send is looked up
 * among the earlier ones, so that a resend is answered even when it would be refused now.
 */
export const sendMessage = useCase({
  name: 'messages.send',
  deps: { ...openDirectPorts, ...postPorts, reader: MessageReader },
  async run(ports, input: SendMessage, call) {
    const { type, content, data, clientMessageId, expiresInSeconds } = input;
    const asSent = sentIn((call.sent ?? input) as SendMessage);
    const target = await resolveTarget(ports, input, call);
    const identity = {
      accountId: call.account,
      conversationId: target.id,
      id: ports.ids.next<'message'>(),
      senderId: call.actor.userId,
      clientMessageId: clientMessageId ?? ports.ids.next(),
    };
    let key: SendKey = identity;
    try {
      const { accessVersion, ...references } = await resolveReferences(ports.reader, identity, input, membersOf(target));
      const written = { ...identity, type, content, data, parts: undefined, forwarded: false, expiresInSeconds, ...references };
      const screened = await ports.hooks.run(messageStored, written, call);
      const message = target.opening === undefined ? screened : await openFor(ports, target.opening, screened);
      key = message;
      return await post(ports, message, asSent, accessVersion);
    } catch (refusal) {
      return resend(ports.log, key, asSent, refusal);
    }
  },
  async resent(ports, input: SendMessage, call) {
    const { clientMessageId } = input;
    if (clientMessageId === undefined) return undefined;
    const { id: conversationId, opening } = await resolveTarget(ports, input, call);
    if (opening !== undefined) return undefined;
    return findSent(ports.log, { accountId: call.account, conversationId, senderId: call.actor.userId, clientMessageId }, sentIn(input));
  },
});

/** What two sends under one key must have in common. */
const sentIn = ({ toUserId: _to, conversationId: _in, clientMessageId: _key, ...asSent }: SendMessage) => asSent;

/** The conversation that a message is for. `opening`: the two have none yet, and `id` is the one that it gets. */
type Target = Readonly<{ id: ConversationId; opening: Opening | undefined }>;
type Opening = Readonly<{ pair: Pair; unopened: PostingSnapshot }>;

async function resolveTarget(ports: Ports<typeof openDirectPorts>, input: SendMessage, { account, actor }: UserCall): Promise<Target> {
  if (input.conversationId !== undefined) return { id: input.conversationId, opening: undefined };
  if (input.toUserId === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
  const pair = { accountId: account, userId: actor.userId, peerId: input.toUserId };
  const { id, unopened } = await findDirect(ports, pair, ports.ids.next());
  return { id, opening: unopened && { pair, unopened } };
}

const membersOf = ({ opening }: Target): readonly UserId[] => (opening === undefined ? [] : [opening.pair.userId, opening.pair.peerId]);

/** Decides before it creates the conversation: a refused first message leaves nothing behind. Answers the message with its conversation. */
async function openFor(ports: Ports<typeof openDirectPorts>, { pair, unopened }: Opening, message: NewMessage): Promise<NewMessage> {
  Message.post(unopened, message, ports.clock.now());
  return { ...message, conversationId: (await openDirect(ports, pair, message.conversationId)).id };
}
