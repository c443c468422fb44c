import { token } from '../kernel/token.ts';

/** What operators configure and use-cases need to know. */
export type Settings = Readonly<{
  refreshTokenTtlSeconds: number;
  /** How long after posting an author may edit, and delete for everyone; undefined is for ever. */
  editWindowSeconds: number | undefined;
  deleteWindowSeconds: number | undefined;
}>;
export const Settings = token<Settings>('Settings');
