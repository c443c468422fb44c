import { token } from '../kernel/token.ts';

/** Lifetime of a refresh token, in seconds: how long an unused device stays signed in. */
export type SessionSettings = Readonly<{ refreshTokenTtlSeconds: number }>;
export const SessionSettings = token<SessionSettings>('SessionSettings');
