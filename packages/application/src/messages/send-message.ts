import { conversationErrors } from '@coucou/domain/conversations/conversation';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { Message, type MessageDraft, messageErrors, type MessageType, type NewMessage } from '@coucou/domain/messages/message';
import { openDirect, openDirectPorts } from '../conversations/open-direct.ts';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { Hooks } from '../ports/hooks.ts';
import { LiveEvents } from '../ports/live-events.ts';
import { type AppendResult, MessageLog } from '../ports/message-log.ts';
import { PostingSnapshots } from '../ports/posting-snapshots.ts';
import { MessageReader } from './message-reader.ts';
import { type NamedReferences, resolveReferences } from './resolve-references.ts';

export type SendMessage = NamedReferences &
  Readonly<{
    conversationId?: ConversationId | undefined;
    toUserId?: UserId | undefined;
    clientMessageId?: string | undefined;
    type: Exclude<MessageType, 'system'>;
    content?: string | undefined;
    data?: Readonly<Record<string, unknown>> | undefined;
  }>;

/** What `post` needs; forwarding shares it. */
export const postPorts = {
  clock: openDirectPorts.clock,
  ids: openDirectPorts.ids,
  log: MessageLog,
  snapshots: PostingSnapshots,
  live: LiveEvents,
  hooks: Hooks,
};
type PostPorts = Ports<typeof postPorts>;

/** How often a decision is made again when the conversation changes under it. */
const ATTEMPTS = 5;

/**
 * The hot path: no query before the append while the snapshot is cached. A message that was stored by an earlier send is answered
 * whatever became of the sender's membership since.
 */
export const sendMessage = useCase({
  name: 'messages.send',
  deps: { ...openDirectPorts, ...postPorts, reader: MessageReader },
  async run(ports, input: SendMessage, call) {
    const { toUserId: _to, conversationId: _in, clientMessageId, ...asSent } = input;
    const conversationId = await target(ports, input, call);
    const identity = {
      accountId: call.account,
      conversationId,
      id: ports.ids.next<'message'>(),
      senderId: call.actor.userId,
      clientMessageId: clientMessageId ?? ports.ids.next(),
    };
    return post(ports, identity, asSent, call, async () => ({
      type: input.type,
      content: input.content,
      data: input.data,
      forwarded: false,
      ...(await resolveReferences(ports.reader, call.account, call.actor.userId, conversationId, input)),
    }));
  },
});

async function target(ports: Ports<typeof openDirectPorts>, input: SendMessage, { account, actor }: UserCall): Promise<ConversationId> {
  if (input.conversationId !== undefined) return input.conversationId;
  if (input.toUserId === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
  return (await openDirect(ports, account, actor.userId, input.toUserId)).id;
}

type Identity = Pick<NewMessage, 'accountId' | 'conversationId' | 'id' | 'senderId' | 'clientMessageId'>;
type Posted = Readonly<{ message: Message; duplicate: boolean }>;

/** Decides, appends and tells. `content` is asked for once; what it throws is a refusal like any other, so a resend outlives it. */
export async function post(
  ports: PostPorts,
  identity: Identity,
  asSent: Readonly<Record<string, unknown>>,
  call: UserCall,
  content: () => Promise<Omit<NewMessage, keyof Identity>>,
): Promise<Posted> {
  try {
    const message = await ports.hooks.run('message.store', { ...identity, ...(await content()) }, call);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const result = await ports.log.append({ draft: await decide(ports, message, attempt > 0), asSent });
      if (result.status !== 'stale') return answer(ports, result);
    }
  } catch (refusal) {
    if (!(refusal instanceof ChatError) || refusal.kind === 'unavailable' || refusal.kind === 'internal') throw refusal;
    if (refusal.code === messageErrors.CLIENT_MESSAGE_ID_CONFLICT.code || refusal.code === messageErrors.SLOW_MODE.code) throw refusal;
    const sent = await ports.log.findSent(identity, asSent);
    if (sent === undefined) throw refusal;
    return answer(ports, sent);
  }
  throw errors.OVERLOADED({ reason: 'the conversation changes too fast' });
}

/** On the cached snapshot first; a refusal counts only when a fresh one refuses as well. */
export async function decide({ snapshots, clock }: PostPorts, message: NewMessage, fresh: boolean): Promise<MessageDraft> {
  const { accountId, conversationId, senderId } = message;
  if (!fresh) {
    try {
      return Message.post(await snapshots.get(accountId, conversationId, senderId), message, clock.now());
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
    }
  }
  return Message.post(await snapshots.reload(accountId, conversationId, senderId), message, clock.now());
}

function answer({ live }: Pick<PostPorts, 'live'>, result: Exclude<AppendResult, { status: 'stale' }>): Posted {
  if (result.status === 'conflict') throw messageErrors.CLIENT_MESSAGE_ID_CONFLICT();
  if (result.status === 'slowed') throw messageErrors.SLOW_MODE({ until: result.until.toISOString() });
  if (result.status === 'duplicate') return { message: result.message, duplicate: true };
  const { message, accessVersion, receipt } = result;
  live.publish(message.accountId, [{ type: 'message.posted', message, accessVersion, receipt }]);
  return { message, duplicate: false };
}
