import { conversationErrors } from '@coucou/domain/conversations/conversation';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import {
  Message,
  type MessageDraft,
  messageErrors,
  type MessageType,
  type NewMessage,
  type PostingSnapshot,
} from '@coucou/domain/messages/message';
import type { SenderReceipt } from '@coucou/domain/receipts/receipt';
import { findDirect, openDirect, openDirectPorts, type Pair } from '../conversations/open-direct.ts';
import type { UserCall } from '../kernel/call.ts';
import type { DomainEvent } from '../kernel/event.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { Hooks } from '../ports/hooks.ts';
import { LiveEvents } from '../ports/live-events.ts';
import { type AppendRequest, type AppendResult, MessageLog, type SendKey } from '../ports/message-log.ts';
import { PostingSnapshots } from '../ports/posting-snapshots.ts';
import { receiptsMoved } from '../receipts/receipt-events.ts';
import { messagePosted } from './message-events.ts';
import { messageStored } from './message-hooks.ts';
import { MessageReader } from './message-reader.ts';
import { findSent, type Posted, resend } from './resend.ts';
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
 * The hot path: while the snapshot is cached, a plain message costs no query before the append. A send that is refused is looked up
 * among the earlier ones, so that a resend is answered whatever refuses it now.
 */
export const sendMessage = useCase({
  name: 'messages.send',
  deps: { ...openDirectPorts, ...postPorts, reader: MessageReader },
  async run(ports, input: SendMessage, call) {
    const { toUserId: _to, conversationId: _in, clientMessageId, ...asSent } = input;
    const { type, content, data } = input;
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
      const written = { ...identity, type, content, data, forwarded: false, ...references };
      const screened = await ports.hooks.run(messageStored, written, call);
      const message = target.opening === undefined ? screened : await openFor(ports, target.opening, screened);
      key = message;
      return await post(ports, message, asSent, accessVersion);
    } catch (refusal) {
      return resend(ports.log, key, asSent, refusal);
    }
  },
});

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

/** Decides before it opens: a first message that is refused leaves nothing behind. Answers the message where it belongs now. */
async function openFor(ports: Ports<typeof openDirectPorts>, { pair, unopened }: Opening, message: NewMessage): Promise<NewMessage> {
  Message.post(unopened, message, ports.clock.now());
  return { ...message, conversationId: (await openDirect(ports, pair, message.conversationId)).id };
}

/**
 * Decides, appends, decides again if what the decision rested on is stale, and publishes. `previewAsOf`: the access version as of which
 * everybody in the conversation may see the words of the message replied to.
 */
export async function post(ports: PostPorts, message: NewMessage, asSent: AppendRequest['asSent'], previewAsOf?: number): Promise<Posted> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const draft = await decide(ports, message, attempt > 0);
    const result = await ports.log.append({ draft, asSent });
    switch (result.status) {
      case 'stored':
        publish(ports.live, result, previewAsOf);
        return { message: result.message, duplicate: false };
      case 'duplicate':
        // A batch reads nothing for its sender: neither their own reactions nor what they may see of others.
        return (await findSent(ports.log, message, asSent)) ?? { message: result.message, duplicate: true };
      case 'conflict':
        throw messageErrors.CLIENT_MESSAGE_ID_CONFLICT();
      case 'slowed':
        throw messageErrors.SLOW_MODE({ until: result.until.toISOString() });
      case 'stale':
    }
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

type Stored = Extract<AppendResult, { status: 'stored' }>;

function publish(live: LiveEvents, { message, accessVersion, receipt }: Stored, previewAsOf = Number.MAX_SAFE_INTEGER): void {
  // Somebody may have joined since, whose history begins after the message replied to.
  const replyTo = message.replyTo && { ...message.replyTo, content: undefined };
  const shown = accessVersion > previewAsOf ? { ...message, replyTo } : message;
  live.publish(message.accountId, [messagePosted({ message: shown, accessVersion }), ...ownReceipt(message, receipt)]);
}

/** To the sender's own devices only: that they had read everything before they sent is nobody else's business. */
function ownReceipt({ conversationId, senderId: userId }: Message, receipt: SenderReceipt | undefined): DomainEvent[] {
  if (receipt === undefined) return [];
  const { receiptsVersion, deliveredSeq, readSeq } = receipt;
  return [receiptsMoved({ conversationId, receiptsVersion, items: [{ userId, deliveredSeq, readSeq }], only: userId })];
}
