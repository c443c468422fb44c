import { Redis } from 'ioredis';
import { addressOf } from './address.ts';

export type RedisInspection = Readonly<{
  version: string;
  /** `unknown` where Redis does not say. */
  maxmemoryPolicy: string;
  isWritable: boolean;
  /** Its clock. */
  at: Date;
}>;

const WITHIN_MS = 5_000;
const PROBE = { key: 'coucou:inspection', keptMs: 1_000 };

/** Looks at a Redis over a connection of its own. Throws what connecting throws. */
export async function inspectRedis(url: string): Promise<RedisInspection> {
  const redis = new Redis({
    ...addressOf(url),
    lazyConnect: true,
    connectTimeout: WITHIN_MS,
    commandTimeout: WITHIN_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectionName: 'coucou inspection',
    replyMapping: 'legacy',
  });
  let cause: unknown;
  redis.on('error', (error) => {
    cause = error;
  });
  try {
    await redis.connect();
    const info = await redis.info();
    const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? 'unknown';
    const [seconds, microseconds] = await redis.time();
    const isWritable = await redis.set(PROBE.key, '1', 'PX', PROBE.keptMs).then(
      () => true,
      () => false,
    );
    return {
      version: field('redis_version'),
      maxmemoryPolicy: field('maxmemory_policy'),
      isWritable,
      at: new Date(Number(seconds) * 1_000 + Number(microseconds) / 1_000),
    };
  } catch (error) {
    throw cause ?? error;
  } finally {
    redis.disconnect();
  }
}
