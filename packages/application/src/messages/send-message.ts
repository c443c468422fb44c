import { conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { Message, type NewMessage, type PostingSnapshot } from '@coucou/domain/messages/message';
import { findDirect, openDirect, openDirectPorts, type Pair } from '../conversations/open-direct.ts';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { findSent } from './resend.ts';
import type { WrittenMessage } from './message-hooks.ts';
import { sendContent, sendPorts, type WrittenContent } from './send-content.ts';

export type SendMessage = WrittenContent &
  Readonly<{
    conversationId?: ConversationId | undefined;
    toUserId?: UserId | undefined;
    clientMessageId?: string | undefined;
  }>;

/**
 * The hot path: with a cached snapshot, a plain message costs no query before the append. A refused send is looked up
 * among the earlier ones, so that a resend is answered even when it would be refused now.
 */
export const sendMessage = useCase({
  name: 'messages.send',
  deps: { ...openDirectPorts, ...sendPorts },
  async run(ports, input: SendMessage, call) {
    const asSent = sentIn((call.sent ?? input) as SendMessage);
    const { id: conversationId, opening } = await resolveTarget(ports, input, call);
    const identity = {
      accountId: call.account,
      conversationId,
      id: ports.ids.next<'message'>(),
      senderId: call.actor.userId,
      clientMessageId: input.clientMessageId ?? ports.ids.next(),
    };
    return sendContent(ports, identity, input, asSent, call, opening && openingOf(ports, opening));
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

const openingOf = (ports: Ports<typeof openDirectPorts>, opening: Opening) => ({
  members: [opening.pair.userId, opening.pair.peerId],
  open: ({ opensDirect: _opens, ...message }: WrittenMessage) => openFor(ports, opening, message),
});

/** Decides before it creates the conversation: a refused first message leaves nothing behind. Answers the message with its conversation. */
async function openFor(ports: Ports<typeof openDirectPorts>, { pair, unopened }: Opening, message: NewMessage): Promise<NewMessage> {
  Message.post(unopened, message, ports.clock.now());
  return { ...message, conversationId: (await openDirect(ports, pair, message.conversationId)).id };
}
