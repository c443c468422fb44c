import type { AccountId, SessionId, UserId } from '@coucou/domain/kernel/ids';

/** Who acts: always from a verified token, never from a request's own words. */
export type Actor = Readonly<{ userId: UserId; sessionId: SessionId }>;

/** The circumstances of one call of an operation. */
export type Call = Readonly<{
  requestId: string;
  account: AccountId;
  client: Readonly<{ ip: string; userAgent: string }>;
  actor?: Actor;
}>;

export type UserCall = Call & Readonly<{ actor: Actor }>;
