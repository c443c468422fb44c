import { ChatError, errors } from '@coucou/domain/kernel/errors';
import { secondsUntil } from '@coucou/domain/kernel/time';
import { Message, type MessageDraft, messageErrors, type NewMessage } from '@coucou/domain/messages/message';
import { requireMessageSize } from '@coucou/domain/messages/message-sizes';
import type { SenderReceipt } from '@coucou/domain/receipts/receipt';
import type { DomainEvent } from '../kernel/event.ts';
import type { Ports } from '../kernel/token.ts';
import { Clock } from '../ports/clock.ts';
import { Hooks } from '../ports/hooks.ts';
import { Ids } from '../ports/ids.ts';
import { LiveEvents } from '../ports/live-events.ts';
import { type AppendRequest, type AppendResult, MessageLog } from '../ports/message-log.ts';
import { PostingSnapshots } from '../ports/posting-snapshots.ts';
import { TypingThrottle } from '../ports/typing.ts';
import { receiptsMoved } from '../receipts/receipt-events.ts';
import { typingChanged } from '../typing/typing-events.ts';
import { messagePosted } from './message-events.ts';
import { MessageSettings } from './message-settings.ts';
import { findSent, type Posted } from './resend.ts';

/** What `post` needs: for sending, for forwarding, and for features that post messages of their own. */
export const postPorts = {
  clock: Clock,
  ids: Ids,
  log: MessageLog,
  snapshots: PostingSnapshots,
  live: LiveEvents,
  hooks: Hooks,
  typing: TypingThrottle,
  settings: MessageSettings,
};
type PostPorts = Ports<typeof postPorts>;

/** How often a decision is made again when the conversation changes under it. */
const ATTEMPTS = 5;

/**
 * Decides, appends, decides again if what the decision rested on is stale, and publishes. `previewAsOf`: the access version as of which
 * every member may see the content of the message replied to.
 */
export async function post(ports: PostPorts, message: NewMessage, asSent: AppendRequest['asSent'], previewAsOf?: number): Promise<Posted> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const draft = await decide(ports, message, attempt > 0);
    const result = await ports.log.append({ draft, asSent });
    switch (result.status) {
      case 'stored':
        publish(ports, result, previewAsOf);
        return { message: result.message, duplicate: false };
      case 'duplicate':
        // A batch reads nothing for its sender: neither their own reactions nor what they may see of others.
        return (await findSent(ports.log, message, asSent)) ?? { message: result.message, duplicate: true };
      case 'conflict':
        throw messageErrors.CLIENT_MESSAGE_ID_CONFLICT();
      case 'slowed':
        throw messageErrors.SLOW_MODE({ retryAfterSeconds: secondsUntil(result.until, ports.clock.now()) });
      case 'stale':
    }
  }
  throw errors.OVERLOADED({ reason: 'the conversation changes too fast' });
}

/** On the cached snapshot first; a refusal counts only when a fresh snapshot refuses too. */
export async function decide({ snapshots, clock, settings }: PostPorts, message: NewMessage, fresh: boolean): Promise<MessageDraft> {
  requireMessageSize(message, settings);
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

function publish(
  { live, typing, clock }: PostPorts,
  { message, accessVersion, receipt }: Stored,
  previewAsOf = Number.MAX_SAFE_INTEGER,
): void {
  // A member may have joined since whose history begins after the message replied to.
  const replyTo = message.replyTo && { ...message.replyTo, content: undefined };
  const shown = accessVersion > previewAsOf ? { ...message, replyTo } : message;
  const now = clock.now();
  const typed = typing.end(message.accountId, message.conversationId, message.senderId, now);
  // First: it may be dropped for a connection with something else under way, such as the message.
  const ended = typed === undefined ? [] : [typingChanged({ ...typed, isTyping: false, expiresAt: now })];
  const posted = messagePosted({ message: shown, accessVersion });
  live.publish(message.accountId, [...ended, posted, ...ownReceipt(message, receipt)]);
}

/** To the sender's own devices only: to others it would reveal that the sender had read everything before. */
function ownReceipt({ conversationId, senderId: userId }: Message, receipt: SenderReceipt | undefined): DomainEvent[] {
  if (receipt === undefined) return [];
  const { receiptsVersion, deliveredSeq, readSeq } = receipt;
  return [receiptsMoved({ conversationId, receiptsVersion, items: [{ userId, deliveredSeq, readSeq }], only: userId })];
}
