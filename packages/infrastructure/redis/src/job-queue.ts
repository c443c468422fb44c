import { setTimeout as pause } from 'node:timers/promises';
import { loggableError } from '@coucou/application/kernel/loggable-error';
import { keyOf, type QueueName, type SharedJobQueue, type Ticket } from '@coucou/application/ports/job-queue';
import type { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { RedisAddress } from './address.ts';
import { type GuardedClient, openClient, RedisUnavailableError } from './client.ts';
import type { Outage, RedisLog } from './outage.ts';
import { seldom } from './seldom.ts';
import { optionsFor } from './slot-owner.ts';

export type RedisJobQueueOptions = Readonly<{ address: RedisAddress; prefix: string; outage: Outage; log: RedisLog }>;
export type RedisJobQueue = SharedJobQueue &
  Readonly<{ client: GuardedClient /** Why it is not used, in words. */; refused: () => string | undefined; close: () => Promise<void> }>;

type Data = Omit<Ticket, 'queue'>;
type Work = Readonly<{ run: (ticket: Ticket) => Promise<void>; atOnce: number }>;

const NAME = 'jobs';
/** Of BullMQ, where 0 stands for a plain list before all priorities. */
const PRIORITY: Readonly<Record<QueueName, number>> = { urgent: 0, normal: 1, bulk: 2 };

/** The outbox counts attempts and keeps what failed; here a job is gone once it was run. */
const JOB = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const;
/** How long a stop waits for Redis once nothing runs any more. */
const STOP_WITHIN_MS = 1_000;

/** What Redis does when its memory is full; anything but `noeviction` drops keys that belong together. */
async function policyOf(redis: Redis): Promise<string> {
  const info = await redis.info('memory');
  return /^maxmemory_policy:(.*?)\r?$/m.exec(info)?.[1] ?? 'unknown';
}

/**
 * BullMQ as what spreads jobs over nodes. Its queue and its worker live as long as a connection does: after an outage both are made anew, so
 * that none of them depends on how well it comes through a reconnect.
 */
export function createRedisJobQueue({ address, prefix, outage, log }: RedisJobQueueOptions): RedisJobQueue {
  let raw: Redis | undefined;
  let policy: string | undefined;
  let work: Work | undefined;
  let queue: Queue<Data, unknown, QueueName> | undefined;
  let worker: Worker<Data, unknown, QueueName> | undefined;
  const running = new Set<Promise<void>>();
  /** Of the present connection; what was begun for an earlier one is dropped. */
  let session = 0;
  const seldomFailed = seldom();
  const complain = (error: unknown): void =>
    seldomFailed(() => log.warn({ error: loggableError(error) }, 'the job queue in Redis reports a fault (told once a minute)'));

  const client = openClient({
    address,
    name: 'jobs',
    outage,
    // All keys of the queue are in one slot.
    at: { key: prefix, listen: (redis) => (raw = redis), prepare },
    onUp: () => void open(),
    onLost: end,
  });
  async function prepare(redis: Redis): Promise<void> {
    const found = await policyOf(redis);
    if (found !== policy && found !== 'noeviction')
      log.error(
        { policy: found },
        `jobs are not put into Redis: its maxmemory-policy is ${found}, under which it may drop parts of the queue. Set it to noeviction (CONFIG SET maxmemory-policy noeviction, and the same in redis.conf); until then each node runs the jobs that it finds`,
      );
    policy = found;
  }
  const refused = (): string | undefined =>
    policy === undefined || policy === 'noeviction' ? undefined : `maxmemory-policy is ${policy}, not noeviction`;

  async function open(): Promise<void> {
    const mine = ++session;
    if (raw === undefined || refused() !== undefined) return;
    try {
      // Loaded where it is used.
      const { Queue } = await import('bullmq');
      if (mine !== session) return;
      const made: typeof queue = new Queue<Data, unknown, QueueName>(NAME, {
        connection: raw,
        prefix,
        defaultJobOptions: JOB,
        streams: { events: { maxLen: 1 } },
      });
      made.on('error', complain);
      queue = made;
      await startWorker(mine);
    } catch (error) {
      complain(error);
    }
  }

  async function startWorker(mine: number): Promise<void> {
    const doing = work;
    if (doing === undefined || queue === undefined) return;
    const { Worker } = await import('bullmq');
    if (mine !== session || doing !== work) return;
    // A command of a worker waits for its connection.
    const connection = new Redis({
      ...optionsFor(address, prefix),
      maxRetriesPerRequest: null,
      replyMapping: 'legacy',
      connectionName: 'coucou job worker',
      disconnectTimeout: 1,
    });
    connection.on('error', complain);
    const made: typeof worker = new Worker<Data, unknown, QueueName>(
      NAME,
      async ({ name, data: { account, event, claim } }) => {
        // The outbox knows what came of it.
        const run = doing.run({ account, event, claim, queue: name }).catch(() => {});
        running.add(run);
        await run;
        running.delete(run);
      },
      { connection, prefix, concurrency: doing.atOnce, maxStalledCount: 0, removeOnComplete: { count: 0 }, removeOnFail: { count: 0 } },
    );
    made.on('error', complain);
    made.on('closed', () => connection.disconnect());
    worker = made;
  }

  /** What it runs goes on, and is finished in the database. */
  function endWorker(): void {
    const old = worker;
    worker = undefined;
    void old?.close(true).catch(complain);
  }
  function end(): void {
    session += 1;
    const old = queue;
    queue = undefined;
    void old?.close().catch(complain);
    endWorker();
  }

  return {
    client,
    refused,
    isUp: () => client.isUp() && queue !== undefined,
    async offer(tickets) {
      const to = queue;
      if (to === undefined) throw new RedisUnavailableError('Redis has no job queue now');
      await client.ask(() =>
        to.addBulk(
          tickets.map((ticket) => ({
            name: ticket.queue,
            data: { account: ticket.account, event: ticket.event, claim: ticket.claim },
            opts: { jobId: keyOf(ticket), priority: PRIORITY[ticket.queue] },
          })),
        ),
      );
    },
    work(run, atOnce) {
      work = { run, atOnce };
      void startWorker(session).catch(complain);
    },
    renew() {
      endWorker();
      void startWorker(session).catch(complain);
    },
    async stop() {
      work = undefined;
      const old = worker;
      worker = undefined;
      if (old === undefined) return;
      // A Redis that hangs never hears that they are done, and BullMQ would wait for it.
      const quiet = (async () => {
        while (running.size > 0) await Promise.all(running);
        await pause(STOP_WITHIN_MS, undefined, { ref: false });
      })();
      await Promise.race([old.close().catch(complain), quiet]);
    },
    async close() {
      end();
      await client.close();
    },
  };
}
