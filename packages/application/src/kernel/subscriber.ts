import { jobErrors } from '@coucou/domain/jobs/dead-letter';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { QueueName } from '../ports/job-queue.ts';
import type { Stopping } from '../ports/schedules.ts';
import type { AnyEvent, DurableEvent, Fact, FactOf } from './event.ts';
import type { Deps, Ports } from './token.ts';

/** What a job handler receives beside its event. */
export type JobContext = Readonly<{
  /** Reports progress, `done` of `total`. Cheap to call: the latest value is stored every two seconds. */
  report: (done: number, total: number) => void;
  /** Aborted when the node shuts down: the handler commits its batch, and emits an event for the rest. */
  stopping: Stopping;
}>;

/** For subscribers without a queue, which run in short batches. */
const noContext: JobContext = { report: () => {}, stopping: { aborted: false } };

/**
 * A durable consequence of a domain event. It is fed by the outbox: at least once, in no order, also after a crash; what it
 * does must be harmless when repeated (`event.id` stays the same).
 */
export interface Subscriber {
  readonly name: string;
  /** The event's type. */
  readonly on: string;
  readonly deps: Deps;
  /**
   * A job: the event is run by itself, by whichever node takes it out of this queue. For what waits for a system outside, such as a mail server,
   * and what takes long; it delays no other subscriber. Absent: events are run in batches, by the node that found them, which is far cheaper.
   * All subscribers of an event are of one kind, and of one queue.
   */
  readonly queue: QueueName | undefined;
  /**
   * Asynchronous commit (`synchronous_commit = off`): for a subscriber that only writes to the database, such as an index, and emits nothing. A crash
   * of the database may lose its commits, but then also the later end of the event, which is delivered again.
   */
  readonly asyncCommit: boolean;
  /** Events of one account. When it throws, all of them are delivered again, one at a time. */
  readonly run: (ports: Ports<Deps>, events: readonly DurableEvent[], context?: JobContext) => Promise<void>;
}

/** What cannot be read is not tried again by itself: it is given up at once, with this as its reason. */
function requireReadable({ reads }: AnyEvent, event: DurableEvent): void {
  if (reads?.(event) === false) throw jobErrors.UNREADABLE();
}

/** An event with a fact; others cannot be subscribed to. */
type Subscribable = AnyEvent & Readonly<{ fact?: (event: never) => Fact }>;
type EventFrom<Definition> = DurableEvent<FactOf<Definition>>;

export const subscriber = <const D extends Deps, Definition extends Subscribable>(definition: {
  name: string;
  on: Definition;
  deps: D;
  queue?: QueueName;
  asyncCommit?: boolean;
  /** `context`: of use to jobs, which have a queue. */
  run: (ports: Ports<D>, event: EventFrom<Definition>, context: JobContext) => Promise<void>;
}): Subscriber => ({
  name: definition.name,
  on: definition.on.type,
  deps: definition.deps,
  queue: definition.queue,
  asyncCommit: definition.asyncCommit ?? false,
  run: async (ports, events, context = noContext) => {
    for (const event of events) {
      requireReadable(definition.on, event);
      await definition.run(ports as Ports<D>, event as EventFrom<Definition>, context);
    }
  },
});

/** For work that costs one transaction regardless of the number of events: receives all due events of one account. */
export const batchSubscriber = <const D extends Deps, Definition extends Subscribable>(definition: {
  name: string;
  on: Definition;
  deps: D;
  queue?: QueueName;
  asyncCommit?: boolean;
  run: (ports: Ports<D>, account: AccountId, events: readonly EventFrom<Definition>[]) => Promise<void>;
}): Subscriber => ({
  name: definition.name,
  on: definition.on.type,
  deps: definition.deps,
  queue: definition.queue,
  asyncCommit: definition.asyncCommit ?? false,
  run: async (ports, events) => {
    const [first] = events;
    for (const event of events) requireReadable(definition.on, event);
    if (first !== undefined) await definition.run(ports as Ports<D>, first.account, events as unknown as readonly EventFrom<Definition>[]);
  },
});
