import type { Instant, UserId } from '../kernel/ids.ts';

/**
 * A username or an e-mail address that somebody gave up lately, and that nobody else gets meanwhile. Of an address it is also the right to
 * go back to it: `securityVersion` is the one that the change made.
 */
export type HeldName = Readonly<{
  kind: 'username' | 'email';
  name: string;
  userId: UserId;
  until: Instant;
  securityVersion: number;
}>;

export interface HeldNameRepository {
  /** Takes the place of an earlier hold of the same person. */
  put(held: HeldName): Promise<void>;
  /** The hold of this name, if it has not ended. */
  lookup(kind: HeldName['kind'], name: string, now: Instant): Promise<HeldName | undefined>;
  /** The holder has the name again. */
  remove(kind: HeldName['kind'], name: string): Promise<void>;
  /** Addresses that this person gave up with this security version or a later one. */
  removeEmailsSince(userId: UserId, securityVersion: number): Promise<void>;
  /** Answers how many. */
  forgetEnded(before: Instant): Promise<number>;
}
