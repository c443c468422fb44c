import type { Socket } from 'node:net';
import { Cluster, type ClusterOptions, type Redis, type RedisCommander } from 'ioredis';
import type { RedisAddress } from './address.ts';

/** What can be asked of a server, and of a cluster, where a command goes to the master that has its key. */
export type RedisCommands = RedisCommander<{ type: 'default'; mapping: 'resp2' }>;

/** What the guard of a client needs: a connection to one server, or one to each master of a cluster. */
export type Connection = Readonly<{
  commands: RedisCommands;
  isReady: () => boolean;
  /** Rejects when a server behind it does not answer. */
  ping: () => Promise<unknown>;
  /** Bytes that wait for the network. */
  buffered: () => number;
  on: (event: 'ready' | 'close' | 'error', listener: (error?: unknown) => void) => void;
  open: () => void;
  /** Gives it up for another. */
  replace: () => void;
  quit: () => Promise<unknown>;
  end: () => void;
}>;

const waiting = ({ stream }: Redis): number => (stream as Socket | undefined)?.writableLength ?? 0;

export const overServer = (redis: Redis): Connection => ({
  commands: redis,
  isReady: () => redis.status === 'ready',
  ping: () => redis.ping(),
  buffered: () => waiting(redis),
  on: (event, listener) => void redis.on(event, listener),
  open: () => void redis.connect().catch(() => {}),
  replace: () => redis.disconnect(true),
  quit: () => redis.quit(),
  end: () => redis.disconnect(),
});

/**
 * One connection to each master. It is a whole: when one of them is lost, or does not answer, all are made anew, with what the cluster then says of
 * its masters; so a cluster counts as away for as long as a master is missing, and nobody waits for a slot that nobody serves.
 */
export function overCluster(
  { nodes, options }: Extract<RedisAddress, { kind: 'cluster' }>,
  ofEach: Omit<NonNullable<ClusterOptions['redisOptions']>, 'replyMapping'>,
  retry: () => number,
): Connection {
  const cluster = new Cluster([...nodes], {
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: retry,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    maxRedirections: 3,
    slotsRefreshTimeout: 1_000,
    // A certificate names a host, not the address that ioredis would look up.
    ...(options.tls !== undefined && { dnsLookup: (host, found) => found(null, host) }),
    redisOptions: { ...ofEach, ...options, replyMapping: 'legacy' },
  });
  const masters = () => cluster.nodes('master');
  const replace = () => cluster.disconnect(true);
  cluster.on('-node', (node: Redis) => {
    if (cluster.status === 'ready' && node.options.readOnly !== true) replace();
  });
  return {
    commands: cluster,
    isReady: () => cluster.status === 'ready',
    ping: () => Promise.all(masters().map((master) => master.ping())),
    buffered: () => masters().reduce((sum, master) => sum + waiting(master), 0),
    on(event, listener) {
      cluster.on(event, listener);
      if (event === 'error') cluster.on('node error', listener);
    },
    open: () => void cluster.connect().catch(() => {}),
    replace,
    quit: () => cluster.quit(),
    end: () => cluster.disconnect(),
  };
}
