import { jobErrors } from '@coucou/domain/jobs/dead-letter';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { QueueName } from '../ports/job-queue.ts';
import type { Stopping } from '../ports/schedules.ts';
import type { AnyEvent, DurableEvent, Fact, FactOf } from './event.ts';
import type { Deps, Ports } from './token.ts';

/** What a job is given beside its event. */
export type JobContext = Readonly<{
  /** How far it is: so much of so much. It costs nothing to call; what was told last is written down every other second. */
  report: (done: number, total: number) => void;
  /** Its node stops, and waits for it: it ends early, and orders the rest. */
  stopping: Stopping;
}>;

/** Of what is run in batches, which is short. */
const unasked: JobContext = { report: () => {}, stopping: { aborted: false } };

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
   * All that it does is to write to the database, such as an index, and it announces nothing. Its commits do not wait for the disk: a crash of the
   * database takes them only together with the end of the event, which is then delivered again.
   */
  readonly onlyWrites: boolean;
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
  onlyWrites?: boolean;
  /** `context`: of use to jobs, which have a queue. */
  run: (ports: Ports<D>, event: EventFrom<Definition>, context: JobContext) => Promise<void>;
}): Subscriber => ({
  name: definition.name,
  on: definition.on.type,
  deps: definition.deps,
  queue: definition.queue,
  onlyWrites: definition.onlyWrites ?? false,
  run: async (ports, events, context = unasked) => {
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
  onlyWrites?: boolean;
  run: (ports: Ports<D>, account: AccountId, events: readonly EventFrom<Definition>[]) => Promise<void>;
}): Subscriber => ({
  name: definition.name,
  on: definition.on.type,
  deps: definition.deps,
  queue: definition.queue,
  onlyWrites: definition.onlyWrites ?? false,
  run: async (ports, events) => {
    const [first] = events;
    for (const event of events) requireReadable(definition.on, event);
    if (first !== undefined) await definition.run(ports as Ports<D>, first.account, events as unknown as readonly EventFrom<Definition>[]);
  },
});
