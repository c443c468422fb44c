import { noMetrics } from '@coucou/application/metrics/no-metrics';
import { token } from '@coucou/application/kernel/token';
import type { DurableEvent } from '@coucou/application/kernel/event';
import { repository } from '@coucou/postgres/kit/storage-parts';
import { openStorage } from '@coucou/postgres/storage';
import { createOutbox } from '@coucou/runtime/outbox';

/** A process that does nothing but run side effects: a row for each event, in a transaction of its own. */

type Effects = Readonly<{ add(event: string): Promise<void> }>;
const Effects = token<Effects>('Effects');
const part = repository<Effects, { effect: { event_id: string; process: number } }>(Effects, (db) => ({
  add: async (event_id) =>
    void (await db
      .insertInto('effect')
      .values({ event_id, process: process.pid })
      .onConflict((oc) => oc.doNothing())
      .execute()),
}));

const storage = await openStorage({
  database: { url: process.env['DATABASE_URL'] ?? '' },
  live: { publish: () => {} },
  events: { stored: () => undefined, isDurable: () => false },
  parts: [{ repositories: [part] }],
});
const run = async (events: readonly DurableEvent[]) => {
  for (const { id, account } of events) await storage.transactions.write(account, (tx) => tx.repository(Effects).add(id));
};
const outbox = createOutbox({
  store: storage.outbox,
  subscribers: [{ name: 'effects', on: 'test.happened', queue: undefined, run }],
  metrics: noMetrics,
  log: { warn: (details, message) => console.error(message, details), error: (details, message) => console.error(message, details) },
  pollMs: 50,
});
outbox.start();
console.log('ready');
