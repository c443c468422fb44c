import { ChatError, defineErrors } from '../kernel/errors.ts';
import type { AccountId, AttachmentId, ConversationId, Instant, MessageId, ScheduledMessageId, UserId } from '../kernel/ids.ts';
import { limits } from '../kernel/limits.ts';
import { addSeconds, isPast } from '../kernel/time.ts';
import type { Message, MessageType } from '../messages/message.ts';
import { occurrenceAfter, type Series, shortestGapSeconds } from './recurrence.ts';
import { parseRecurrenceRule } from './recurrence-rule.ts';
import { findTimeZone } from '../kernel/time-zone.ts';

export const scheduledErrors = defineErrors('', {
  SCHEDULED_MESSAGE_NOT_FOUND: ['not_found', 'There is no such scheduled message.'],
  SCHEDULED_MESSAGE_SENDING: ['conflict', 'This message is being sent right now; look for it in the conversation in a moment.'],
  SCHEDULED_MESSAGE_LIMIT_REACHED: ['conflict', 'The maximum number of scheduled messages is reached; delete one first.'],
  SEND_AT_INVALID: ['invalid', 'A message can be scheduled for a time that is not past and not too far ahead.'],
  RECURRENCE_INVALID: ['invalid', 'This recurrence rule (RFC 5545) is not valid; the details say what to correct.'],
  RECURRENCE_TOO_FREQUENT: ['invalid', 'This recurrence rule would send messages too often.'],
  TIME_ZONE_UNKNOWN: ['invalid', 'There is no such time zone; name one of the IANA time zone database, such as Europe/Berlin.'],
});

/** What is to be sent, as the author wrote it: what it refers to is looked up when it is sent. */
export type ScheduledContent = Readonly<{
  type: Exclude<MessageType, 'system'>;
  content: string | undefined;
  data: Readonly<Record<string, unknown>> | undefined;
  replyToId: MessageId | undefined;
  threadRootId: MessageId | undefined;
  attachmentIds: readonly AttachmentId[];
  mentions: readonly (UserId | '@all')[];
  expiresInSeconds: number | undefined;
}>;

/** Whose it is: its author's, or the account's, whose admins made it in the name of the sender. */
export type ScheduledOwner = 'person' | 'account';

export type ScheduledMessage = ScheduledContent &
  Readonly<{
    accountId: AccountId;
    id: ScheduledMessageId;
    owner: ScheduledOwner;
    senderId: UserId;
    conversationId: ConversationId;
    /** `sending`: it may be in the conversation already, so it can be neither changed nor deleted. `failed`: it is not tried again. */
    status: 'scheduled' | 'sending' | 'failed';
    /** One more with each change by its owner: what was to happen by an earlier one does not. */
    revision: number;
    startsAt: Instant;
    recurrence: Recurrence | undefined;
    /** The occurrence that is sent next; of a failed one the last that was tried. */
    nextAt: Instant;
    /** Refused occurrences in a row, and the code of the last refusal. */
    refusals: number;
    refusal: string | undefined;
    createdAt: Instant;
    /** By its owner; while it is being sent, when the last attempt began. */
    updatedAt: Instant;
  }>;

/** `rrule`: the value of an RRULE. Wall-clock times are those of the zone. */
export type Recurrence = Readonly<{ rrule: string; timeZone: string }>;

export type Timing = Readonly<{ sendAt: Instant; recurrence: Recurrence | undefined }>;

/** Throws `SEND_AT_INVALID`, `RECURRENCE_INVALID`, `RECURRENCE_TOO_FREQUENT` and `TIME_ZONE_UNKNOWN`. */
function timed({ sendAt, recurrence }: Timing, now: Instant): Pick<ScheduledMessage, 'startsAt' | 'recurrence' | 'nextAt'> {
  const { skewSeconds, aheadSeconds } = limits.scheduled;
  const [from, until] = [addSeconds(now, -skewSeconds), addSeconds(now, aheadSeconds)];
  if (sendAt < from || sendAt > until) throw scheduledErrors.SEND_AT_INVALID({ from: from.toISOString(), until: until.toISOString() });
  if (recurrence === undefined) return { startsAt: sendAt, recurrence, nextAt: sendAt };
  const series = seriesOf(recurrence, sendAt);
  const seconds = shortestGapSeconds(series.rule, series.zone.toLocal(sendAt));
  if (seconds < limits.scheduled.gapSeconds) throw tooFrequent();
  const nextAt = occurrenceAfter(series, addSeconds(sendAt, -1));
  if (nextAt === undefined) throw scheduledErrors.RECURRENCE_INVALID([{ part: '', message: 'has no occurrence from the start on' }]);
  return { startsAt: sendAt, recurrence, nextAt };
}

const tooFrequent = () => scheduledErrors.RECURRENCE_TOO_FREQUENT({ atLeastSeconds: limits.scheduled.gapSeconds });

function seriesOf({ rrule, timeZone }: Recurrence, startsAt: Instant): Series {
  const zone = findTimeZone(timeZone);
  if (zone === undefined) throw scheduledErrors.TIME_ZONE_UNKNOWN({ timeZone });
  const parsed = parseRecurrenceRule(rrule);
  if ('rule' in parsed) return { rule: parsed.rule, zone, startsAt };
  if (parsed.problems.some(({ isTooOften }) => isTooOften)) throw tooFrequent();
  throw scheduledErrors.RECURRENCE_INVALID(parsed.problems);
}

type Written = ScheduledContent & Pick<ScheduledMessage, 'accountId' | 'id' | 'owner' | 'senderId' | 'conversationId'>;

const create = (written: Written, timing: Timing, now: Instant): ScheduledMessage => ({
  ...written,
  ...timed(timing, now),
  status: 'scheduled',
  revision: 1,
  refusals: 0,
  refusal: undefined,
  createdAt: now,
  updatedAt: now,
});

/** The same message with another content and time. Throws what `create` throws, and `SCHEDULED_MESSAGE_SENDING`. */
function change(scheduled: ScheduledMessage, content: ScheduledContent, timing: Timing, now: Instant): ScheduledMessage {
  requireIdle(scheduled, now);
  const { revision, createdAt, accountId, id, owner, senderId, conversationId } = scheduled;
  const changed = create({ ...content, accountId, id, owner, senderId, conversationId }, timing, now);
  return { ...changed, revision: revision + 1, createdAt };
}

/** So long after the last attempt nobody is at it any more, and it waits for ever: an operator dropped the event. */
const GIVEN_UP_SECONDS = 86_400;

/** Whoever cancels a message must not find it sent afterwards. */
function requireIdle({ status, updatedAt }: ScheduledMessage, now: Instant): void {
  if (status === 'sending' && !isPast(addSeconds(updatedAt, GIVEN_UP_SECONDS), now)) throw scheduledErrors.SCHEDULED_MESSAGE_SENDING();
}

/** Which occurrence of which revision is due. */
export type DueOccurrence = Readonly<{ revision: number; at: Instant }>;

/** Whether this is still to happen. */
const awaits = ({ status, revision, nextAt }: ScheduledMessage, due: DueOccurrence): boolean =>
  status !== 'failed' && revision === due.revision && nextAt.getTime() === due.at.getTime();

/** An attempt to send it begins, however late. */
const begin = (scheduled: ScheduledMessage, now: Instant): ScheduledMessage => ({ ...scheduled, status: 'sending', updatedAt: now });

/** What came of an occurrence: the message, or the code of the refusal. */
export type Outcome = Readonly<{ message: Message }> | Readonly<{ refusal: string }>;

/**
 * After an occurrence. Those that were missed meanwhile are left out. A refusal fails a message that is sent once, and a series when
 * several came in a row, or when it was the last. Undefined when all is sent.
 */
function settle(scheduled: ScheduledMessage, outcome: Outcome, now: Instant): ScheduledMessage | undefined {
  const refusal = 'refusal' in outcome ? outcome.refusal : undefined;
  const refusals = refusal === undefined ? 0 : scheduled.refusals + 1;
  const settled = { ...scheduled, refusals, refusal };
  if (refusals >= limits.scheduled.refusals) return { ...settled, status: 'failed' };
  try {
    const next = nextOf(scheduled, now);
    if (next !== undefined) return { ...settled, status: 'scheduled', nextAt: next };
  } catch (error) {
    // A runtime with fewer time zones than the one before.
    if (!(error instanceof ChatError)) throw error;
    return { ...settled, status: 'failed', refusal: error.code };
  }
  return refusal === undefined ? undefined : { ...settled, status: 'failed' };
}

const nextOf = ({ recurrence, startsAt, nextAt }: ScheduledMessage, now: Instant): Instant | undefined =>
  recurrence && occurrenceAfter(seriesOf(recurrence, startsAt), nextAt > now ? nextAt : now);

export const ScheduledMessage = { create, change, requireIdle, awaits, begin, settle };
