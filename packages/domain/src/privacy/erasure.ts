import type { AccountId, Id, Instant, UserId } from '../kernel/ids.ts';
import { addSeconds } from '../kernel/time.ts';

export type ErasureId = Id<'erasure'>;

/** `soon`: what the deletion left is being erased. `at last`: that is done, and what is held back goes at the end. */
export type ErasureStage = 'soon' | 'at last' | 'done';

/** What is still to be erased of somebody who was deleted. */
export type Erasure = Readonly<{
  accountId: AccountId;
  id: ErasureId;
  userId: UserId;
  /** Who deleted them, if not they themselves. */
  requestedBy: UserId | undefined;
  requestedAt: Instant;
  stage: ErasureStage;
  /** Where it goes on after an interruption. */
  step: string | undefined;
  /** Rows and files so far. */
  erased: number;
  /** When the stage begins, or is tried again; undefined once it is done. */
  dueAt: Instant | undefined;
  failures: number;
  finishedAt: Instant | undefined;
}>;

/** Longer than a node may let requests of an ended session pass, so that what they write is erased too. */
const SETTLES_SECONDS = 5;
/**
 * How long traces of access and the username are held back: whoever stole an account and deletes it removes no traces, and nobody poses as
 * them at once. Within the month of GDPR, Article 12(3).
 */
const HELD_SECONDS = 30 * 86_400;
/** The back-off of jobs, whose jitter makes it a little earlier. */
const RETRY_SECONDS = { first: 1, most: 3_600 };

const request = (of: Pick<Erasure, 'accountId' | 'id' | 'userId' | 'requestedBy'>, now: Instant): Erasure => ({
  ...of,
  requestedAt: now,
  stage: 'soon',
  step: undefined,
  erased: 0,
  dueAt: addSeconds(now, SETTLES_SECONDS),
  failures: 0,
  finishedAt: undefined,
});

/** The end of what is held back. */
const heldUntil = ({ requestedAt }: Pick<Erasure, 'requestedAt'>): Instant => addSeconds(requestedAt, HELD_SECONDS);

/** After every step of its stage. */
const finishStage = (erasure: Erasure, now: Instant): Erasure =>
  erasure.stage === 'soon'
    ? { ...erasure, stage: 'at last', step: undefined, failures: 0, dueAt: heldUntil(erasure) }
    : { ...erasure, stage: 'done', step: undefined, dueAt: undefined, finishedAt: now };

/** A step failed: its job tries again, ever more rarely, by `dueAt`. Of one that is given up this has passed. */
const fail = (erasure: Erasure, now: Instant): Erasure => {
  const wait = Math.min(RETRY_SECONDS.first * 2 ** erasure.failures, RETRY_SECONDS.most);
  return { ...erasure, failures: erasure.failures + 1, dueAt: addSeconds(now, wait) };
};

export const Erasure = { request, heldUntil, finishStage, fail };
