import type { AccountId, Instant, SessionId } from '../kernel/ids.ts';
import type { Session } from './session.ts';

/** A refresh token as kept: only its SHA-256, hex. `spentAt` is set when a successor was issued. */
export type RefreshToken = Readonly<{
  accountId: AccountId;
  sessionId: SessionId;
  tokenHash: string;
  issuedAt: Instant;
  expiresAt: Instant;
  spentAt: Instant | undefined;
}>;

export interface SessionRepository {
  /** The session is locked until the unit of work ends, so that two rotations of one family follow each other. */
  lock(id: SessionId): Promise<Session | undefined>;
  lookup(id: SessionId): Promise<Session | undefined>;
  add(session: Session): Promise<void>;
  update(session: Session): Promise<void>;
  addRefreshToken(token: RefreshToken): Promise<void>;
  lookupRefreshToken(tokenHash: string): Promise<RefreshToken | undefined>;
  spendRefreshToken(tokenHash: string, at: Instant): Promise<void>;
}
