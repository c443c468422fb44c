import type { Environment } from './read.ts';

/**
 * The command that runs scripts of this repository in the user's shell. After `npx pnpm` there may be no pnpm in the PATH. Only the path of pnpm
 * differs, which is then in the cache of npx; the user agent is the same.
 */
export const ownCommand = ({ npm_execpath: path = '' }: Environment): 'pnpm' | 'npx -y pnpm@12' =>
  /[\\/]_npx[\\/]/.test(path) ? 'npx -y pnpm@12' : 'pnpm';

/** That of this process; without the rest of the configuration. */
export const pnpmCommand = ownCommand(process.env);
