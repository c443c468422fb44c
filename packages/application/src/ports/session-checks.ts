import type { RevocationReason } from '@coucou/domain/auth/session';
import type { AccountId, SessionId, UserId } from '@coucou/domain/kernel/ids';
import type { Actor } from '../kernel/call.ts';
import { token } from '../kernel/token.ts';

/** A change of who may act, by which every node refuses tokens and closes sockets. Without a person it is the whole account's. */
export type AccessChange =
  | Readonly<{ is: 'ended'; userId: UserId; sessionIds: readonly SessionId[]; reason: RevocationReason }>
  | Readonly<{ is: 'suspended' | 'restored'; userId?: UserId }>;

/**
 * What this node knows of sessions that have ended and of suspensions: at once of its own changes, within moments of those of other
 * nodes. In memory, so that checking costs no query.
 */
export interface SessionChecks {
  /** Throws `SESSION_REVOKED`, `USER_SUSPENDED` or `ACCOUNT_SUSPENDED`. */
  check(caller: Readonly<{ account: AccountId; actor: Actor }>): void;
}
export const SessionChecks = token<SessionChecks>('SessionChecks');

/** Uses of access tokens that this node has seen and not yet written. */
export interface SessionUses {
  /** The newest rotation of the session whose access token was used here; -1 for none in memory. */
  rotationOf(sessionId: SessionId): number;
}
export const SessionUses = token<SessionUses>('SessionUses');
