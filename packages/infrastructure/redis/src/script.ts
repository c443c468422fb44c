import { createHash } from 'node:crypto';
import { ReplyError } from 'ioredis';
import type { RedisCommands } from './connection.ts';

export type Script = Readonly<{ lua: string; sha: string }>;

export const script = (lua: string): Script => ({ lua, sha: createHash('sha1').update(lua).digest('hex') });

/** By its hash; with its text where Redis has started since. */
export async function runScript(
  redis: RedisCommands,
  { lua, sha }: Script,
  keys: readonly string[],
  args: readonly (number | string)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof ReplyError && (error as Error).message.startsWith('NOSCRIPT'))) throw error;
    return redis.eval(lua, keys.length, ...keys, ...args);
  }
}
