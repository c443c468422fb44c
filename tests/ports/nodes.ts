import { randomBytes } from 'node:crypto';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { EventBus } from '@coucou/application/ports/event-bus';
import { createMetrics } from '@coucou/observability/metrics';
import { type OpenRedis, openRedis } from '@coucou/redis/open';
import { createEventBus } from '@coucou/runtime/event-bus';
import type { Instance } from '../support/instance.ts';
import { until } from '../support/until.ts';

export type LogLine = Readonly<{ level: 'error' | 'warn' | 'info'; message: string; details: object | string }>;

export type RedisNode = OpenRedis &
  Readonly<{
    bus: NonNullable<OpenRedis['bus']>;
    own: EventBus;
    /** That of the deployment. */
    secret: string;
    /** What is published here reaches this node alone, as what others say. */
    here: EventBus;
    lines: LogLine[];
    counts: () => Readonly<Record<'published' | 'lost' | 'ignored' | 'countedHere', number>>;
  }>;

export const newSecret = (): string => randomBytes(32).toString('hex');

/** What one node has on Redis; it need not be there. */
export function openNode(url: string, secret: string): RedisNode {
  const lines: LogLine[] = [];
  const say =
    (level: LogLine['level']) =>
    (...said: [object, string] | [string]) =>
      void lines.push({ level, message: said.at(-1) as string, details: said[0] });
  const log = { error: say('error'), warn: say('warn'), info: say('info') } as never;
  const metrics = createMetrics();
  const counted = (metric: typeof catalogue.nodeEvents, outcome: string) => metrics.counter(metric, { outcome }).value;
  const own = createEventBus(log);
  const here = createEventBus(log);
  const { bus, ...redis } = openRedis({ url, secret, metrics, log, buses: { own, others: here } });
  if (bus === undefined) throw new Error('there is no bus');
  const counts = () => ({
    published: counted(catalogue.nodeEvents, 'published'),
    lost: counted(catalogue.nodeEvents, 'lost'),
    ignored: counted(catalogue.nodeEnvelopes, 'ignored'),
    countedHere: metrics.counter(catalogue.limitsCountedHere, {}).value,
  });
  return { ...redis, bus, own, here, secret, lines, counts };
}

/** Nodes of one deployment, when all of them hear. */
export async function openNodes(url: string, count = 2): Promise<RedisNode[]> {
  const secret = newSecret();
  const nodes = Array.from({ length: count }, () => openNode(url, secret));
  await Promise.all(nodes.map(({ answered }) => answered));
  return nodes;
}

export const untilStatus = (node: RedisNode, status: 'up' | 'degraded'): Promise<unknown> =>
  until(async () => (await node.health.check()).status === status, { what: `Redis to be ${status}` });

export const untilAll = (nodes: readonly RedisNode[], status: 'up' | 'degraded'): Promise<unknown> =>
  Promise.all(nodes.map((node) => untilStatus(node, status)));

/** The ways in which Redis goes away and comes back. */
export const outagesOf = (redis: () => Pick<Instance, 'kill' | 'restart'>) => ({
  stopped: { begin: () => redis().kill('SIGKILL'), end: () => redis().restart() },
  hung: { begin: () => redis().kill('SIGSTOP'), end: () => redis().kill('SIGCONT') },
});
