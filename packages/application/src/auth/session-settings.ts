import { token } from '../kernel/token.ts';

export type SessionSettings = Readonly<{
  /** Lifetime of a refresh token, in seconds: how long an unused device stays signed in. An account may have its own. */
  refreshTokenTtlSeconds: number;
  /** How long after a refresh the spent token still recovers its successor, in seconds, whatever was used since. */
  refreshGraceSeconds: number;
}>;
export const SessionSettings = token<SessionSettings>('SessionSettings');
