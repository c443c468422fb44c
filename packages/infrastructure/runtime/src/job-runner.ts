import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { JobContext } from '@coucou/application/kernel/subscriber';
import { keyOf, queues, type Ticket } from '@coucou/application/ports/job-queue';
import { type AttemptOptions, createAttempts, type ReadySubscriber, Silence } from './attempt.ts';
import { gather } from './gather.ts';
import type { OutboxStore, TakenEvent } from './outbox-store.ts';

export type JobRunnerOptions = AttemptOptions &
  Readonly<{
    store: Pick<OutboxStore, 'jobWorker'>;
    subscribers: readonly ReadySubscriber[];
    /** A ticket was used up: its event is run here, or is not to be run under it any more. */
    onTaken: (ticket: Ticket) => void;
  }>;

export interface JobRunner {
  /** Runs the event of a ticket, if it is still to be run. Rejects when the database cannot be asked for it: it then stays where it is. */
  run(ticket: Ticket): Promise<void>;
  isIdle(): boolean;
  /** Asks what runs to end early. */
  endEarly(): void;
  /** Resolves when nothing runs. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Renewals of the lease while something runs, and what it says of its progress; below a third of any lease. */
const RENEW_MS = 2_000;
/** After how long an event is handed out again whose subscriber this node does not have, as during an upgrade. */
const ELSEWHERE_RETRY_MS = 5_000;

/** Runs events out of queues, each by itself, whoever has claimed them. */
export function createJobRunner({ store, subscribers, onTaken, ...options }: JobRunnerOptions): JobRunner {
  const { metrics, log } = options;
  const { counts, exhausted, answered, failed } = createAttempts(options);
  const worker = store.jobWorker();
  const running = new Set<Promise<void>>();
  const perQueue = new Map(
    queues.map((queue) => {
      const counter = (outcome: string) => metrics.counter(catalogue.queueJobs, { queue, outcome });
      const outcomes = { done: counter('done'), failed: counter('failed'), dead: counter('dead'), lost: counter('lost') };
      return [queue, { outcomes, duration: metrics.histogram(catalogue.queueJobDuration, { queue }), running: 0 }];
    }),
  );
  metrics.gauge(catalogue.queueRunning, () => [...perQueue].map(([queue, { running: value }]) => ({ labels: { queue }, value })));
  const stop = new AbortController();
  /** What running jobs have said since it was last written. */
  const said = new Map<TakenEvent, number>();
  function writeProgress(): void {
    if (said.size === 0) return;
    const written = worker.progress([...said].map(([taken, share]) => ({ taken, share })));
    said.clear();
    void written.catch(() => {});
  }
  const renewal = setInterval(() => {
    if (running.size > 0) void worker.renew().catch(() => {});
    writeProgress();
  }, RENEW_MS).unref();

  const take = gather(async (tickets: readonly Ticket[]) => {
    const taken = new Map((await worker.take(tickets)).map((each) => [`${each.event.id}.${each.claim}`, each]));
    return tickets.map((ticket) => {
      const mine = taken.get(keyOf(ticket));
      // The same ticket twice is one run.
      taken.delete(keyOf(ticket));
      return mine;
    });
  });
  const done = gather(async (taken: readonly TakenEvent[]) => {
    await worker.done(taken);
    return taken;
  });

  async function outcomeOf(taken: TakenEvent): Promise<'done' | 'failed' | 'dead' | 'lost'> {
    const { event, attempts } = taken;
    const told = subscribers.filter(({ on }) => on === event.type);
    if (told.length === 0) {
      await worker.failed(taken, { event, reason: 'run by a node without its subscriber', retryInMs: ELSEWHERE_RETRY_MS, counts: false });
      return 'failed';
    }
    let failure: unknown = exhausted(attempts);
    if (failure === undefined) {
      const context: JobContext = {
        report(part, total) {
          if (total > 0) said.set(taken, Math.min(Math.max(part / total, 0), 1));
        },
        stopping: stop.signal,
      };
      const ends = await Promise.allSettled(
        told.map((subscriber) =>
          worker.effect(taken, () => answered(subscriber, [event], context), { synced: subscriber.asyncCommit !== true }),
        ),
      );
      if (ends.some((end) => end.status === 'fulfilled' && !end.value)) {
        log.warn({ eventId: event.id, event: event.type }, 'the claim of this event was lost: another worker runs it');
        return 'lost';
      }
      failure = ends.find((end) => end.status === 'rejected')?.reason;
    }
    if (failure === undefined) {
      await done(taken);
      counts.done.add();
      return 'done';
    }
    const fate = failed(event, attempts, failure);
    await worker.failed(taken, fate);
    // It may go on all the same, and may write nothing any more.
    if (failure instanceof Silence) await worker.giveUp(taken.by);
    return fate.retryInMs === undefined ? 'dead' : 'failed';
  }

  async function carryOut(taken: TakenEvent, { queue }: Ticket): Promise<void> {
    const of = perQueue.get(queue);
    const begun = performance.now();
    if (of !== undefined) of.running += 1;
    try {
      of?.outcomes[await outcomeOf(taken)].add();
    } catch (error) {
      // What it did stands or does not; unless it is marked as done, it is run again when the lease ends.
      log.warn({ err: error, eventId: taken.event.id, event: taken.event.type }, 'the end of a job could not be written');
    } finally {
      said.delete(taken);
      if (of !== undefined) of.running -= 1;
      of?.duration.observe((performance.now() - begun) / 1_000);
    }
  }

  return {
    async run(ticket) {
      const work = (async () => {
        const taken = await take(ticket);
        onTaken(ticket);
        if (taken !== undefined) await carryOut(taken, ticket);
      })();
      running.add(work);
      try {
        await work;
      } finally {
        running.delete(work);
      }
    },
    isIdle: () => running.size === 0,
    endEarly: () => stop.abort(),
    async settled() {
      while (running.size > 0) await Promise.allSettled(running);
    },
    async close() {
      clearInterval(renewal);
      await worker.close().catch(() => {});
    },
  };
}
