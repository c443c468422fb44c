import { addressOf, placesOf } from '@coucou/redis/address';
import type { Config } from '../config.ts';
import { compareClocks, fault, type Finding, ok, warning } from './finding.ts';

/** The oldest with all commands that are used. */
const OLDEST = { server: 6.2, cluster: 7 };

export async function checkRedis({ redisUrl }: Pick<Config, 'redisUrl'>): Promise<readonly Finding[]> {
  if (redisUrl === undefined) return [ok('Redis', 'not used: REDIS_URL is not set')];
  const { inspectRedis } = await import('@coucou/redis/inspection');
  const before = Date.now();
  const oldest = OLDEST[addressOf(redisUrl).kind];
  try {
    const { version, maxmemoryPolicy, isWritable, at } = await inspectRedis(redisUrl);
    return [
      Number.parseFloat(version) >= oldest ? ok('Redis', version) : warning('Redis', version, `upgrade it to Redis ${oldest} or newer`),
      isWritable
        ? ok('Redis', 'takes writes')
        : fault('Redis', 'is read-only', 'point REDIS_URL at the primary, and check that its memory is not full'),
      maxmemoryPolicy === 'noeviction'
        ? ok('maxmemory-policy', 'noeviction')
        : fault(
            'maxmemory-policy',
            `${maxmemoryPolicy}: under memory pressure Redis would drop parts of the job queue, so no jobs are put there, and counters of limits`,
            'CONFIG SET maxmemory-policy noeviction, and the same in redis.conf',
          ),
      compareClocks('Redis', at, [before, Date.now()]),
    ];
  } catch (error) {
    const { code = (error as Error).message.split(' ', 1)[0] } = error as { code?: string };
    return [
      fault(
        'Redis',
        `at ${placesOf(redisUrl)} cannot be used (${code})`,
        'start it, or check REDIS_URL; the server works without it, each node for itself',
      ),
    ];
  }
}
