import { messageStored } from './message-hooks.ts';
import { messagePosted } from './message-events.ts';
import { receiptsMoved } from '../receipts/receipt-events.ts';
import { conversationErrors } from '@coucou/domain/conversations/conversation';
import type { DomainEvent } from '../kernel/event.ts';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { SenderReceipt } from '@coucou/domain/receipts/receipt';
import { Message, type MessageDraft, messageErrors, type MessageType, type NewMessage } from '@coucou/domain/messages/message';
import { findDirect, openDirect, openDirectPorts, type Pair } from '../conversations/open-direct.ts';
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
 * whatever became of the sender's membership since. The first message to somebody is judged before the conversation of the two is
 * opened: one that is refused leaves nothing behind.
 */
export const sendMessage = useCase({
  name: 'messages.send',
  deps: { ...openDirectPorts, ...postPorts, reader: MessageReader },
  async run(ports, input: SendMessage, call) {
    const { toUserId, conversationId: _in, clientMessageId, ...asSent } = input;
    const pair = toUserId && { accountId: call.account, userId: call.actor.userId, peerId: toUserId };
    const { id: conversationId, unopened } = await target(ports, input.conversationId, pair);
    const identity = {
      accountId: call.account,
      conversationId,
      id: ports.ids.next<'message'>(),
      senderId: call.actor.userId,
      clientMessageId: clientMessageId ?? ports.ids.next(),
    };
    const members = unopened && pair ? [pair.userId, pair.peerId] : [];
    const said = async (): Promise<Said> => {
      const { type, content, data } = input;
      const { accessVersion, ...references } = await resolveReferences(
        ports.reader,
        call.account,
        call.actor.userId,
        conversationId,
        input,
        members,
      );
      return { content: { type, content, data, forwarded: false, ...references }, previewAsOf: accessVersion };
    };
    const place: Place = async (message) => {
      if (unopened === undefined || !pair) return message;
      Message.post(unopened, message, ports.clock.now());
      return { ...message, conversationId: (await openDirect(ports, pair, conversationId)).id };
    };
    return post(ports, identity, asSent, call, said, place);
  },
});

async function target(
  ports: Ports<typeof openDirectPorts>,
  conversationId: ConversationId | undefined,
  pair: Pair | undefined,
): ReturnType<typeof findDirect> {
  if (conversationId !== undefined) return { id: conversationId, unopened: undefined };
  if (pair === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
  return findDirect(ports, pair, ports.ids.next());
}

type Identity = Pick<NewMessage, 'accountId' | 'conversationId' | 'id' | 'senderId' | 'clientMessageId'>;
/** What is to be said, and the access version as of which everybody in the conversation may see the words that it replies to. */
type Said = Readonly<{ content: Omit<NewMessage, keyof Identity>; previewAsOf?: number | undefined }>;
type Posted = Readonly<{ message: Message; duplicate: boolean }>;
/** The message where it is to be posted, which may be opened for it. */
type Place = (message: NewMessage) => Promise<NewMessage>;

/** Decides, appends and tells. `said` is asked for once; what it throws is a refusal like any other, so a resend outlives it. */
export async function post(
  ports: PostPorts,
  identity: Identity,
  asSent: Readonly<Record<string, unknown>>,
  call: UserCall,
  said: () => Promise<Said>,
  place: Place = async (message) => message,
): Promise<Posted> {
  let sentAs = identity;
  try {
    const { content, previewAsOf } = await said();
    const message = await place(await ports.hooks.run(messageStored, { ...identity, ...content }, call));
    sentAs = message;
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const result = await ports.log.append({ draft: await decide(ports, message, attempt > 0), asSent });
      if (result.status === 'stale') continue;
      // What a batch finds says nothing of its sender: what is their own in it, and what they may see of others.
      if (result.status === 'duplicate') return answer(ports, (await ports.log.findSent(message, asSent)) ?? result);
      return answer(ports, result, previewAsOf);
    }
  } catch (refusal) {
    if (!(refusal instanceof ChatError) || refusal.kind === 'unavailable' || refusal.kind === 'internal') throw refusal;
    if (refusal.code === messageErrors.CLIENT_MESSAGE_ID_CONFLICT.code || refusal.code === messageErrors.SLOW_MODE.code) throw refusal;
    const sent = await ports.log.findSent(sentAs, asSent);
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

function answer(
  { live }: Pick<PostPorts, 'live'>,
  result: Exclude<AppendResult, { status: 'stale' }>,
  previewAsOf = Number.MAX_SAFE_INTEGER,
): Posted {
  if (result.status === 'conflict') throw messageErrors.CLIENT_MESSAGE_ID_CONFLICT();
  if (result.status === 'slowed') throw messageErrors.SLOW_MODE({ until: result.until.toISOString() });
  if (result.status === 'duplicate') return { message: result.message, duplicate: true };
  const { message, accessVersion, receipt } = result;
  // Somebody may have joined since, whose history begins after the message replied to.
  const replyTo = message.replyTo && { ...message.replyTo, content: undefined };
  const told = accessVersion > previewAsOf ? { ...message, replyTo } : message;
  live.publish(message.accountId, [messagePosted({ message: told, accessVersion }), ...ownReceipt(message, receipt)]);
  return { message, duplicate: false };
}

/** To the sender's own devices: that whoever sends had read all before is not for everybody to know. */
const ownReceipt = ({ conversationId, senderId: userId }: Message, receipt: SenderReceipt | undefined): DomainEvent[] => {
  if (receipt === undefined) return [];
  const { receiptsVersion, deliveredSeq, readSeq } = receipt;
  return [receiptsMoved({ conversationId, receiptsVersion, items: [{ userId, deliveredSeq, readSeq }], only: userId })];
};
