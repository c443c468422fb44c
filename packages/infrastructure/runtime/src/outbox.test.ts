import { noMetrics } from '@coucou/application/metrics/no-metrics';
import type { DurableEvent } from '@coucou/application/kernel/event';
import { asId } from '@coucou/domain/kernel/ids';
import { expect, it } from 'vitest';
import { createOutbox } from './outbox.ts';
import type { OutboxStore } from './outbox-store.ts';

const eventOf = (id: string, type: string): DurableEvent => ({ id, account: asId('account'), type });

it('delivers to subscribers inside while one waits for a system outside, and stops after both', async () => {
  const waiting = [...Array.from({ length: 20 }, (_, at) => eventOf(`out${at}`, 'mail.due')), eventOf('in', 'member.joined')];
  const done: string[] = [];
  const store: OutboxStore = {
    worker: (types) => ({
      async claim(limit) {
        const claimed = waiting.filter(({ type }) => types.includes(type)).slice(0, limit);
        for (const event of claimed) waiting.splice(waiting.indexOf(event), 1);
        return { events: claimed.map((event) => ({ event, attempts: 1 })), more: claimed.length === limit };
      },
      async effect(work) {
        await work();
        return true;
      },
      done: async (events) => void done.push(...events.map(({ id }) => id)),
      failed: async () => expect.unreachable(),
      renew: async () => {},
      giveUp: async () => {},
      releaseExpired: async () => 0,
      close: async () => {},
    }),
    lag: async () => ({ waiting: waiting.length, oldestSeconds: 0, dead: 0 }),
  };
  const outside = Promise.withResolvers<void>();
  const inside = Promise.withResolvers<void>();
  let most = 0;
  const outbox = createOutbox({
    metrics: noMetrics,
    store,
    log: { warn: () => {}, error: () => {} },
    subscribers: [
      {
        name: 'out',
        on: 'mail.due',
        isOutward: true,
        run: async (events) => {
          most = Math.max(most, events.length);
          await outside.promise;
        },
      },
      { name: 'in', on: 'member.joined', isOutward: false, run: async () => inside.resolve() },
    ],
  });
  outbox.start();
  await inside.promise;
  expect(done).not.toContain('out0');
  const settled = outbox.settled();
  outside.resolve();
  await settled;
  expect([done.length, most]).toEqual([21, 8]);
  await outbox.stop();
});
