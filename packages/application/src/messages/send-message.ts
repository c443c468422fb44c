import { conversationErrors } from '@coucou/domain/conversations/conversation';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { Message, type MessageDraft, messageErrors, type NewMessage } from '@coucou/domain/messages/message';
import { openDirect, openDirectPorts } from '../conversations/open-direct.ts';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { LiveEvents } from '../ports/live-events.ts';
import { type AppendResult, MessageLog } from '../ports/message-log.ts';
import { PostingSnapshots } from '../ports/posting-snapshots.ts';

export type SendMessage = Readonly<{
  conversationId?: ConversationId | undefined;
  toUserId?: UserId | undefined;
  clientMessageId?: string | undefined;
  type: 'text' | 'custom';
  content?: string | undefined;
  data?: Readonly<Record<string, unknown>> | undefined;
}>;

const deps = { ...openDirectPorts, log: MessageLog, snapshots: PostingSnapshots, live: LiveEvents };

/** How often a decision is made again when the conversation changes under it. */
const ATTEMPTS = 5;

/**
 * The hot path: no query before the append while the snapshot is cached. A message that was stored by an earlier send is answered
 * whatever became of the sender's membership since.
 */
export const sendMessage = useCase({
  name: 'messages.send',
  deps,
  async run(ports, input: SendMessage, call) {
    const conversationId = await target(ports, input, call);
    const message: NewMessage = {
      accountId: call.account,
      conversationId,
      id: ports.ids.next(),
      senderId: call.actor.userId,
      clientMessageId: input.clientMessageId ?? ports.ids.next(),
      type: input.type,
      content: input.content,
      data: input.data,
    };
    const asSent = { type: input.type, content: input.content, data: input.data };
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const decision = await decide(ports, message, attempt > 0);
      if (decision instanceof ChatError) {
        const sent = await ports.log.findSent(message, asSent);
        if (sent === undefined) throw decision;
        return answer(ports, sent);
      }
      const result = await ports.log.append({ draft: decision, asSent });
      if (result.status !== 'stale') return answer(ports, result);
    }
    throw errors.OVERLOADED({ reason: 'the conversation changes too fast' });
  },
});

async function target(ports: Ports<typeof openDirectPorts>, input: SendMessage, { account, actor }: UserCall): Promise<ConversationId> {
  if (input.conversationId !== undefined) return input.conversationId;
  if (input.toUserId === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
  return (await openDirect(ports, account, actor.userId, input.toUserId)).id;
}

/** On the cached snapshot first; a refusal counts only when a fresh one refuses as well. */
async function decide(
  { snapshots, clock }: Ports<Pick<typeof deps, 'snapshots' | 'clock'>>,
  message: NewMessage,
  fresh: boolean,
): Promise<MessageDraft | ChatError> {
  const { accountId, conversationId, senderId } = message;
  if (!fresh) {
    const draft = attemptPost(await snapshots.get(accountId, conversationId, senderId), message, clock.now());
    if (!(draft instanceof ChatError)) return draft;
  }
  return attemptPost(await snapshots.reload(accountId, conversationId, senderId), message, clock.now());
}

function attemptPost(...args: Parameters<typeof Message.post>): MessageDraft | ChatError {
  try {
    return Message.post(...args);
  } catch (error) {
    if (error instanceof ChatError) return error;
    throw error;
  }
}

function answer({ live }: Ports<Pick<typeof deps, 'live'>>, result: Exclude<AppendResult, { status: 'stale' }>) {
  if (result.status === 'conflict') throw messageErrors.CLIENT_MESSAGE_ID_CONFLICT();
  if (result.status === 'duplicate') return { message: result.message, duplicate: true };
  const { message, accessVersion, receipt } = result;
  live.publish(message.accountId, [{ type: 'message.posted', message, accessVersion, receipt }]);
  return { message, duplicate: false };
}
