import { token } from '../kernel/token.ts';

/** How long a device stays signed in without being used, in seconds. */
export type SessionSettings = Readonly<{ refreshTokenTtlSeconds: number }>;
export const SessionSettings = token<SessionSettings>('SessionSettings');
