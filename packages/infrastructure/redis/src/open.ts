import { randomUUID } from 'node:crypto';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { AnswerCache } from '@coucou/application/ports/answer-cache';
import type { EventBus } from '@coucou/application/ports/event-bus';
import type { HealthCheck } from '@coucou/application/ports/health';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { UsedProofs } from '@coucou/application/ports/proofs';
import type { RateLimiter } from '@coucou/application/ports/rate-limiter';
import { addressOf } from './address.ts';
import { createRedisAnswerCache } from './answer-cache.ts';
import { type GuardedClient, openClient } from './client.ts';
import type { RedisCommands } from './connection.ts';
import { createEnvelopes } from './envelope.ts';
import { createRedisEventBus, type RedisEventBus } from './event-bus.ts';
import { createNames, type Names } from './names.ts';
import { createRedisPresence, type RedisPresence, type RedisPresenceOptions } from './presence.ts';
import { createRedisJobQueue, type RedisJobQueue } from './job-queue.ts';
import { createOutage, type RedisLog } from './outage.ts';
import { createRedisRateLimiter } from './rate-limiter.ts';
import { createRedisTrafficLimiter, type RedisTrafficLimiter } from './traffic-limiter.ts';
import { createRedisUsedProofs, type RedisUsedProofs, type RedisUsedProofsOptions } from './used-proofs.ts';

export type RedisOptions = Readonly<{
  /** Of a server, a cluster or sentinels (`parseAddress`). */
  url: string;
  /** The server's secret, the same on all nodes. */
  secret: string;
  log: RedisLog;
  metrics: Metrics;
  /** In-process buses for what this node announces and for what the others do; absent where there is one node. */
  buses?: Readonly<{ own: EventBus; others: EventBus }>;
}>;

export type OpenRedis = Readonly<{
  commands: GuardedClient;
  names: Names;
  limiter: RateLimiter;
  traffic: RedisTrafficLimiter;
  /** Answers that any node has made. */
  answers: AnswerCache;
  /** Proofs that were used on any node. */
  usedProofs: (options: Pick<RedisUsedProofsOptions, 'without' | 'now'>) => UsedProofs;
  /** Who is present on any node. */
  presence: (options: Omit<RedisPresenceOptions, 'client' | 'names' | 'log'>) => RedisPresence;
  /** Opens the queue of jobs that nodes share. */
  jobQueue: () => RedisJobQueue;
  /** Present when `buses` were given. */
  bus: RedisEventBus | undefined;
  health: HealthCheck;
  /** Tells this Redis from others, and from what it was before it was emptied. */
  id: () => Promise<string>;
  /** Resolves when Redis answered for the first time. */
  readonly answered: Promise<unknown>;
  close: () => Promise<void>;
}>;

const PROBE_EVERY_MS = 1_000;
const PROBE_KEPT_MS = 10_000;
const CLOSE_WITHIN_MS = 500;

/** Opens connections and does not wait for them: a server starts without its Redis, and works as long as it is away. */
export function openRedis({ url, secret, log, metrics, buses }: RedisOptions): OpenRedis {
  const shared = { address: addressOf(url), outage: createOutage(log, metrics.counter(catalogue.redisOutages, {})) };
  const names = createNames(secret);
  let bus: RedisEventBus | undefined;
  let proofs: RedisUsedProofs | undefined;
  let presence: RedisPresence | undefined;
  let jobs: RedisJobQueue | undefined;
  const resumed = () => {
    limiter.resumed();
    traffic.resumed();
    proofs?.resumed();
    bus?.resumed();
    presence?.resumed();
  };
  const commands = openClient({ ...shared, name: 'commands', onUp: resumed });
  const limiter = createRedisRateLimiter({ client: commands, names, metrics });
  const traffic = createRedisTrafficLimiter({ client: commands, names, metrics });
  const clients = [commands];
  if (buses !== undefined) {
    const { channel } = names;
    const isSharded = shared.address.kind === 'cluster';
    const made = createRedisEventBus({
      ...buses,
      envelopes: createEnvelopes(secret),
      channel,
      isSharded,
      publisher: commands,
      isHeard: () => events.isUp(),
      metrics,
      log,
    });
    bus = made;
    const events = openClient({
      ...shared,
      name: 'events',
      at: {
        key: channel,
        listen(redis) {
          redis.on(isSharded ? 'smessageBuffer' : 'messageBuffer', (_channel: Buffer, bytes: Buffer) => made.receive(bytes));
          // Another master has the channel, and this one says nothing more of it.
          redis.on('moved', () => redis.disconnect(true));
        },
        prepare: (redis) => (isSharded ? redis.ssubscribe(channel) : redis.subscribe(channel)),
      },
      onUp: () => made.subscribed(),
    });
    clients.push(events);
  }
  metrics.gauge(catalogue.redisUp, () => [{ labels: {}, value: clients.every(({ isUp }) => isUp()) ? 1 : 0 }]);
  if (shared.address.kind !== 'cluster') metrics.gauge(catalogue.redisMemory, () => memoryOf(commands));
  return {
    commands,
    names,
    limiter,
    traffic,
    answers: createRedisAnswerCache({ client: commands, names, secret }),
    usedProofs: (options) => (proofs = createRedisUsedProofs({ ...options, client: commands, names })),
    presence: (options) => (presence = createRedisPresence({ ...options, client: commands, names, log })),
    bus,
    jobQueue() {
      if (jobs !== undefined) return jobs;
      jobs = createRedisJobQueue({ ...shared, prefix: names.jobs, log });
      clients.push(jobs.client);
      return jobs;
    },
    id: () => commands.ask((redis) => idOf(redis, names.id)),
    health: createHealth(commands, names, clients, () => jobs?.refused()),
    get answered() {
      return Promise.all(clients.map(({ firstUp }) => firstUp));
    },
    async close() {
      await Promise.race([
        Promise.all([bus?.settled(), traffic.settled()]),
        new Promise((resolve) => setTimeout(resolve, CLOSE_WITHIN_MS).unref()),
      ]);
      await jobs?.close();
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

/** At once while Redis is away, and after 500 ms while it hangs: the other metrics do not wait for it. */
async function memoryOf(commands: GuardedClient) {
  const info = await commands.ask((redis) => redis.info('memory'));
  const figure = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0);
  return [
    { labels: { of: 'used' }, value: figure('used_memory') },
    { labels: { of: 'limit' }, value: figure('maxmemory') },
  ].filter(({ value }) => value > 0);
}

/** Whoever asks first gives it one. */
async function idOf(redis: RedisCommands, name: string): Promise<string> {
  const made = randomUUID();
  return (await redis.set(name, made, 'NX')) === 'OK' ? made : ((await redis.get(name)) ?? made);
}

/** Degraded, never down: without Redis the server does its work. Probes writing as well; cached for a second, since anybody may ask. */
function createHealth(
  commands: GuardedClient,
  names: Names,
  clients: readonly GuardedClient[],
  refused: () => string | undefined,
): HealthCheck {
  let last: Readonly<{ at: number; probe: Promise<unknown> }> | undefined;
  return {
    name: 'redis',
    async check() {
      const now = performance.now();
      if (last === undefined || now - last.at >= PROBE_EVERY_MS)
        last = { at: now, probe: commands.ask((redis) => redis.set(names.probe, '1', 'PX', PROBE_KEPT_MS)) };
      try {
        await last.probe;
      } catch {
        return {
          status: 'degraded',
          detail:
            'does not answer, or takes no writes: limits are counted per node, events of other nodes come late, and each node runs its own jobs',
        };
      }
      const refusal = refused();
      if (refusal !== undefined) return { status: 'degraded', detail: `jobs are not put into it: ${refusal}` };
      if (clients.every(({ isUp }) => isUp())) return { status: 'up' };
      return { status: 'degraded', detail: 'events of other nodes come late' };
    },
  };
}
