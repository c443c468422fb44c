import { payloadOf } from '@coucou/application/kernel/payload';
import type { Announced } from '@coucou/application/ports/event-bus';
import type { PresenceChange } from '@coucou/application/ports/presence';
import { Presence } from '@coucou/domain/presence/presence';
import { openNodes, type RedisNode } from './nodes.ts';
import { account, type PresenceNode, SUITE_GRACE_MS } from './presence.suite.ts';

export const clock = { now: () => new Date() };
export const textOf = ({ userId, devices }: Pick<PresenceChange, 'userId' | 'devices'>) => `${userId} ${Presence.statusOf(devices)}`;
export const announcedOf = ({ userId, devices, at, order = 0 }: PresenceChange): Announced => ({
  type: 'presence.changed',
  account,
  durable: false,
  tellings: [
    {
      event: 'presence:changed',
      to: { kind: 'presence', change: { userId, devices, at: at.toISOString(), order } },
      payload: payloadOf(() => ({})),
    },
  ],
});

export type OnRedis = PresenceNode & Readonly<{ redis: RedisNode; changes: PresenceChange[]; heard: string[]; close: () => Promise<void> }>;

function presenceOn(redis: RedisNode, graceMs = SUITE_GRACE_MS): OnRedis {
  const [decided, shown, heard, changes] = [[] as string[], [] as string[], [] as string[], [] as PresenceChange[]];
  const presence = redis.presence({
    clock,
    graceMs,
    node: 'node',
    async onChanges(list, by) {
      if (by === 'decided') {
        decided.push(...list.map(textOf));
        changes.push(...list);
      }
      (by === 'missed' ? redis.here : redis.bus).publish(list.map(announcedOf));
    },
    async onHeard(change) {
      heard.push(textOf(change));
    },
  });
  presence.heard(redis.bus).subscribe((announced) => {
    for (const { to } of announced.flatMap(({ tellings }) => tellings)) if (to.kind === 'presence') shown.push(textOf(to.change));
  });
  const close = async () => {
    await presence.close();
    await redis.close();
  };
  return { presence, decided, shown, heard, changes, redis, close };
}

/** When they have compared what their sockets know with Redis. */
export async function openAll(url: string, count = 2): Promise<OnRedis[]> {
  const nodes = (await openNodes(url, count)).map((redis) => presenceOn(redis));
  for (const { presence } of nodes) await presence.settled();
  return nodes;
}
export const closeAll = (nodes: readonly OnRedis[]) => Promise.all(nodes.map((node) => node.close()));
