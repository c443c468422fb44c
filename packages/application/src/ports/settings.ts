import { token } from '../kernel/token.ts';

/** What operators configure and use-cases need to know. */
export type Settings = Readonly<{ refreshTokenTtlSeconds: number }>;
export const Settings = token<Settings>('Settings');
