import type { Instant, SessionId, UserId } from '../kernel/ids.ts';
import type { RevocationReason, Session } from './session.ts';

/** Which sessions of one person: all, some, or all but one. */
export type SessionSelection = Readonly<{ userId: UserId; only?: readonly SessionId[]; except?: SessionId }>;

/** The newest use of a session's tokens that a node has seen. */
export type SessionUse = Readonly<{ id: SessionId; rotation: number; at: Instant }>;

export interface SessionRepository {
  /** The session is locked until the unit of work ends, so that two refreshes of one session follow each other. */
  lock(id: SessionId): Promise<Session | undefined>;
  lookup(id: SessionId): Promise<Session | undefined>;
  /** Sessions that have neither ended nor expired, the newest use first. */
  list(userId: UserId, now: Instant): Promise<Session[]>;
  add(session: Session): Promise<void>;
  /** Writes what a refresh changes. */
  updateRotation(session: Session): Promise<void>;
  /** Ends those that have not ended, by the clock of the database, and answers their ids. */
  revoke(selection: SessionSelection, reason: RevocationReason): Promise<SessionId[]>;
  /** Writes newer uses; never goes back. Best effort: a crash may lose the newest. */
  noteUses(uses: readonly SessionUse[]): Promise<void>;
  /** Forgets sessions that expired before this time; answers how many. */
  forgetExpired(before: Instant): Promise<number>;
  /** Forgets sessions that were ended before this time; answers how many. */
  forgetRevoked(before: Instant): Promise<number>;
}
