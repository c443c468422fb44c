import { setTimeout as pause } from 'node:timers/promises';
import type { AnswerCache } from '@coucou/application/ports/answer-cache';
import type { EventBus } from '@coucou/application/ports/event-bus';
import type { HealthCheck } from '@coucou/application/ports/health';
import { Clock } from '@coucou/application/ports/clock';
import type { SharedJobQueue } from '@coucou/application/ports/job-queue';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { NodePresence, PresenceOptions } from '@coucou/application/ports/presence';
import { UsedProofs } from '@coucou/application/ports/proofs';
import type { Tracer } from '@coucou/application/ports/tracer';
import { RateLimiter } from '@coucou/application/ports/rate-limiter';
import { TrafficLimiter } from '@coucou/application/ports/traffic-limiter';
import { announcing, receiving } from '@coucou/application/tracing/traced-bus';
import { TypingThrottle } from '@coucou/application/ports/typing';
import type { Logger } from '@coucou/observability/logger';
import { createEventBus } from '@coucou/runtime/event-bus';
import { createTypingThrottle } from '@coucou/runtime/typing-throttle';
import { LocalUsedProofs, type Override, override } from '../composition/ports.ts';
import type { Config } from '../config.ts';
import type { Undo } from './undo.ts';

/** What nodes share through Redis, or what one node has for itself. */
export type Shared = Readonly<{
  /** What this node announces: whose consequences it runs. */
  own: EventBus;
  /** What all nodes announce. */
  bus: EventBus;
  /** What is published here reaches the sockets of this node alone. */
  here: EventBus;
  /** The registry of presence; absent where there is one node. */
  presence: ((options: PresenceOptions) => NodePresence) | undefined;
  /** Answers that nodes make for each other; absent where there is one. */
  answers: AnswerCache | undefined;
  provide: Override;
  health: readonly HealthCheck[];
  /** The queue of jobs; absent without Redis. */
  jobs: SharedJobQueue | undefined;
  /** The id of the Redis that this node sees; absent where there is one node. */
  redisId: (() => Promise<string>) | undefined;
  /** Resolves when Redis answers, and without an answer soon all the same. */
  ready: () => Promise<void>;
}>;

/** Opens the event bus of all nodes, on the in-process buses of this node's events (`own`) and of the other nodes' (`others`). */
export type OpenEventBus = (
  buses: Readonly<{ own: EventBus; others: EventBus; secret: string; metrics: Metrics; log: Logger }>,
) => EventBus;

const READY_WITHIN_MS = 1_000;

export async function openShared(
  { redisUrl, multiNode, instanceId }: Pick<Config, 'redisUrl' | 'multiNode' | 'instanceId'>,
  {
    secret,
    metrics,
    tracer,
    log,
    openEventBus,
  }: Readonly<{ secret: string; metrics: Metrics; tracer: Tracer; log: Logger; openEventBus: OpenEventBus | undefined }>,
  undo: Undo,
): Promise<Shared> {
  const own = createEventBus(log);
  const others = createEventBus(log);
  const alone = {
    own,
    bus: announcing(own, tracer),
    here: own,
    presence: undefined,
    answers: undefined,
    provide: () => {},
    health: [],
    jobs: undefined,
    redisId: undefined,
    ready: async () => {},
  };
  const heard = receiving(others, tracer);
  if (openEventBus !== undefined)
    return { ...alone, bus: announcing(openEventBus({ own, others: heard, secret, metrics, log }), tracer), here: others };
  if (redisUrl === undefined) return alone;
  // Its code is loaded where it is used: most servers have no Redis.
  const { openRedis } = await import('@coucou/redis/open');
  const redis = openRedis({ url: redisUrl, secret, metrics, log, ...(multiNode && { buses: { own, others: heard } }) });
  undo.push(() => redis.close());
  return {
    own,
    bus: announcing(redis.bus ?? own, tracer),
    here: redis.bus === undefined ? own : others,
    presence: multiNode ? (given) => redis.presence({ ...given, node: instanceId }) : undefined,
    answers: multiNode ? redis.answers : undefined,
    provide(container) {
      override(RateLimiter, redis.limiter)(container);
      override(TrafficLimiter, redis.traffic)(container);
      // One node remembers by itself.
      if (!multiNode) return;
      container.provide(TypingThrottle, (resolve) => createTypingThrottle({ nodes: { others, clock: resolve(Clock) } }));
      container.provide(UsedProofs, (resolve) => {
        const clock = resolve(Clock);
        return redis.usedProofs({ without: resolve(LocalUsedProofs), now: () => clock.now().getTime() });
      });
    },
    health: [redis.health],
    jobs: redis.jobQueue(),
    redisId: multiNode ? redis.id : undefined,
    ready: async () => void (await Promise.race([redis.answered, pause(READY_WITHIN_MS, undefined, { ref: false })])),
  };
}
