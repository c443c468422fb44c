import { defineErrors } from '@coucou/domain/kernel/errors';
import type { AccountId, ConversationId, Instant, MessageId, UserId } from '@coucou/domain/kernel/ids';
import { isSame } from '@coucou/domain/kernel/same';
import { addSeconds, isPast } from '@coucou/domain/kernel/time';
import { savedLimits } from './limits.ts';

export const savedMessageErrors = defineErrors('', {
  SAVED_MESSAGE_LIMIT_REACHED: ['conflict', 'The maximum number of saved messages is reached; remove one first.'],
  REMIND_AT_INVALID: ['invalid', 'A reminder can be set for a time that lies ahead, and not too far.'],
});

/** A message that a person keeps for later; seen by nobody else. What it says is read where it stands, as they may see it then. */
export type SavedMessage = Readonly<{
  accountId: AccountId;
  userId: UserId;
  messageId: MessageId;
  conversationId: ConversationId;
  seq: number;
  savedAt: Instant;
  note: string | undefined;
  remindAt: Instant | undefined;
  /** When the reminder of `remindAt` was given. */
  remindedAt: Instant | undefined;
}>;

type Saving = Pick<SavedMessage, 'accountId' | 'userId' | 'messageId' | 'conversationId' | 'seq'>;

/** Absent: unchanged. `null`: cleared. */
export type SavedChange = Readonly<{ note?: string | null | undefined; remindAt?: Instant | null | undefined }>;

/** Throws `REMIND_AT_INVALID`. */
const save = (saving: Saving, wanted: SavedChange, now: Instant): SavedMessage =>
  changed({ ...saving, savedAt: now, note: undefined, remindAt: undefined, remindedAt: undefined }, wanted, now);

/** Undefined when nothing changes. Throws `REMIND_AT_INVALID`. */
function change(saved: SavedMessage, wanted: SavedChange, now: Instant): SavedMessage | undefined {
  const after = changed(saved, wanted, now);
  return isSame(after, saved) ? undefined : after;
}

const changed = (saved: SavedMessage, { note, remindAt }: SavedChange, now: Instant): SavedMessage => ({
  ...saved,
  note: note === undefined ? saved.note : (note ?? undefined),
  ...reminderOf(saved, remindAt, now),
});

/** The time that is set already is no new reminder, even when it has passed. */
function reminderOf(
  { remindAt, remindedAt }: SavedMessage,
  wanted: SavedChange['remindAt'],
  now: Instant,
): Pick<SavedMessage, 'remindAt' | 'remindedAt'> {
  if (wanted === undefined || wanted?.getTime() === remindAt?.getTime()) return { remindAt, remindedAt };
  if (wanted === null) return { remindAt: undefined, remindedAt: undefined };
  const until = addSeconds(now, savedLimits.remindSeconds);
  if (isPast(wanted, now) || wanted > until)
    throw savedMessageErrors.REMIND_AT_INVALID({ after: now.toISOString(), until: until.toISOString() });
  return { remindAt: wanted, remindedAt: undefined };
}

/** Its time has come. Undefined when it was given already, or is set for another time by now. */
const remind = (saved: SavedMessage, dueAt: Instant, now: Instant): SavedMessage | undefined =>
  saved.remindedAt === undefined && saved.remindAt?.getTime() === dueAt.getTime() ? { ...saved, remindedAt: now } : undefined;

/** `count` is the number of messages that the person has saved, counted under their lock. */
function requireRoom(count: number): void {
  if (count >= savedLimits.perPerson) throw savedMessageErrors.SAVED_MESSAGE_LIMIT_REACHED({ limit: savedLimits.perPerson });
}

/** As answers and feed entries have it: plain JSON. */
const shown = ({ messageId, conversationId, savedAt, note, remindAt, remindedAt }: SavedMessage) => ({
  messageId,
  conversationId,
  savedAt: savedAt.toISOString(),
  note,
  remindAt: remindAt?.toISOString(),
  remindedAt: remindedAt?.toISOString(),
});

export const SavedMessage = { save, change, remind, requireRoom, shown };
