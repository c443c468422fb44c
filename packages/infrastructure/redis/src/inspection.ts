import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { addressOf, type RedisAddress } from './address.ts';

export type RedisInspection = Readonly<{
  /** The oldest, of the masters of a cluster. */
  version: string;
  /** `unknown` where Redis does not say; of the masters of a cluster the first that is not `noeviction`. */
  maxmemoryPolicy: string;
  isWritable: boolean;
  /** Its clock. */
  at: Date;
}>;

const WITHIN_MS = 5_000;
const PROBE = { key: 'coucou:inspection', keptMs: 1_000 };
const OPTIONS = {
  connectTimeout: WITHIN_MS,
  commandTimeout: WITHIN_MS,
  sentinelCommandTimeout: WITHIN_MS,
  maxRetriesPerRequest: 0,
  connectionName: 'coucou inspection',
  replyMapping: 'legacy',
} satisfies RedisOptions;
const once = () => null;

const clientOf = (address: RedisAddress): Redis | Cluster =>
  address.kind === 'cluster'
    ? new Cluster([...address.nodes], { lazyConnect: true, clusterRetryStrategy: once, redisOptions: { ...OPTIONS, ...address.options } })
    : new Redis({ ...address.options, ...OPTIONS, lazyConnect: true, retryStrategy: once, sentinelRetryStrategy: once });

/** Looks at a Redis over a connection of its own. Throws what connecting throws. */
export async function inspectRedis(url: string): Promise<RedisInspection> {
  const redis = clientOf(addressOf(url));
  let cause: unknown;
  redis.on('error', (error: unknown) => {
    cause = error;
  });
  try {
    await redis.connect();
    const servers = redis instanceof Cluster ? redis.nodes('master') : [redis];
    const infos = await Promise.all(servers.map((server) => server.info()));
    const valuesOf = (name: string) => infos.map((info) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? 'unknown');
    const [version = 'unknown'] = valuesOf('redis_version').toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    const [[seconds, microseconds] = [0, 0]] = await Promise.all(servers.slice(0, 1).map((server) => server.time()));
    const isWritable = await redis.set(PROBE.key, '1', 'PX', PROBE.keptMs).then(
      () => true,
      () => false,
    );
    return {
      version,
      maxmemoryPolicy: valuesOf('maxmemory_policy').find((policy) => policy !== 'noeviction') ?? 'noeviction',
      isWritable,
      at: new Date(Number(seconds) * 1_000 + Number(microseconds) / 1_000),
    };
  } catch (error) {
    throw cause ?? error;
  } finally {
    redis.disconnect();
  }
}
