import type { DurableEvent } from '@coucou/application/kernel/event';
import { token } from '@coucou/application/kernel/token';
import { createSmtpMailer } from '@coucou/mail/smtp-mailer';
import { createMetrics } from '@coucou/observability/metrics';
import { repository } from '@coucou/postgres/kit/storage-parts';
import { openStorage } from '@coucou/postgres/storage';
import { openRedis } from '@coucou/redis/open';
import { createOutbox } from '@coucou/runtime/outbox';
import { sql } from 'kysely';

/**
 * A process that does nothing but run jobs, by what the server runs them by. `test.counted`: an effect in the database, which knows events that
 * it has had; `test.mailed`: a mail; `test.failing`: fails whenever it is tried.
 */

type Effects = Readonly<{ add(event: string): Promise<void> }>;
const Effects = token<Effects>('Effects');
const part = repository<Effects, { effect: { event_id: string; process: number }; effects: { count: number } }>(Effects, (db) => ({
  async add(event_id) {
    const added = await db
      .insertInto('effect')
      .values({ event_id, process: process.pid })
      .onConflict((oc) => oc.doNothing())
      .returning('event_id')
      .executeTakeFirst();
    if (added !== undefined) await db.updateTable('effects').set({ count: sql`count + 1` }).execute();
  },
}));

const env = (name: string): string => process.env[name] ?? '';
const log = {
  info: () => {},
  warn: (details: object, message: string) => console.error(message, details),
  error: (details: object, message: string) => console.error(message, details),
};
const metrics = createMetrics();
const storage = await openStorage({
  database: { url: env('DATABASE_URL') },
  live: { publish: () => {} },
  events: { stored: () => undefined, isDurable: () => false },
  parts: [{ repositories: [part] }],
  onIdleError: () => {},
});
const redis = openRedis({ url: env('REDIS_URL'), secret: env('SECRET'), metrics, log: log as never });
const shared = redis.jobQueue();
const mailer = createSmtpMailer({ url: env('SMTP_URL'), from: { address: 'no-reply@example.com' }, log });
const job = (on: string, queue: 'urgent' | 'normal' | 'bulk', run: (event: DurableEvent) => Promise<void>) => ({
  name: on,
  on,
  queue,
  async run(events: readonly DurableEvent[]) {
    for (const event of events) await run(event);
  },
});
const outbox = createOutbox({
  store: storage.outbox,
  shared,
  subscribers: [
    job('test.counted', 'normal', ({ id, account }) => storage.transactions.write(account, (tx) => tx.repository(Effects).add(id))),
    job(
      'test.mailed',
      'urgent',
      async ({ id }) =>
        void (await mailer.send({ id, to: { address: 'alice@example.com' }, subject: 'A job', text: 'was done', html: '<p>was done</p>' })),
    ),
    job('test.failing', 'bulk', async () => {
      throw new Error('as it always does');
    }),
  ],
  metrics,
  log,
  maxAttempts: 3,
  backoffMs: 100,
});
await redis.answered;
outbox.start();
console.log('ready');
