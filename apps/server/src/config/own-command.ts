import type { Environment } from './read.ts';

/**
 * The command that a person has at hand to run scripts of this repository. Whoever started by `npx pnpm` may have no pnpm in the PATH; pnpm then
 * runs from the cache of npx, which is all that differs: the user agent is that of pnpm either way.
 */
export const ownCommand = ({ npm_execpath: path = '' }: Environment): 'pnpm' | 'npx -y pnpm@12' =>
  /[\\/]_npx[\\/]/.test(path) ? 'npx -y pnpm@12' : 'pnpm';

/** That of this process; without the rest of the configuration. */
export const pnpmCommand = ownCommand(process.env);

/** For what reads no other configuration. */
export const isProduction = (): boolean => process.env['NODE_ENV'] === 'production';
