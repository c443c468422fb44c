import { createEnvelopes } from '@coucou/redis/envelope';
import { createRedisEventBus } from '@coucou/redis/event-bus';
import type { OpenEventBus } from '@coucou/server/start/redis';
import type { Faults } from './faults.ts';
import type { Place, Scheduler } from './time/scheduler.ts';

type Member = { readonly place: Place; isUp: boolean; readonly receive: (bytes: Buffer) => void; readonly heard: () => void };

/**
 * The simulated pub/sub channel that replaces Redis; the event bus above it is the product's own. Envelopes are delayed, reordered, lost and
 * duplicated; a partitioned node receives nothing, and is told so.
 */
export class SimulatedBus {
  readonly #members = new Map<string, Member>();
  readonly #scheduler: Scheduler;
  readonly #random: () => number;
  readonly #faults: Faults;
  envelopes = 0;

  constructor(scheduler: Scheduler, random: () => number, faults: Faults) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#faults = faults;
  }

  /** For a node that is made at this place, now or again. */
  opener(place: Place): OpenEventBus {
    return ({ own, others, secret, metrics, log }) => {
      const publish = (bytes: Buffer) => this.#publish(member, bytes);
      const publisher = {
        isUp: () => member.isUp,
        buffered: () => 0,
        ask: () => Promise.reject(new Error('nobody asks here')),
        send: async <T>(command: (redis: never) => Promise<T>) =>
          command({ publish: async (_channel: string, bytes: Buffer) => publish(bytes) } as never),
        firstUp: Promise.resolve(),
        close: async () => {},
      };
      const bus = createRedisEventBus({
        own,
        others,
        envelopes: createEnvelopes(secret),
        channel: 'events',
        isSharded: false,
        publisher,
        isHeard: () => member.isUp,
        metrics,
        log,
      });
      const heard = () => {
        bus.subscribed();
        bus.resumed();
      };
      const member: Member = { place, isUp: true, receive: bus.receive, heard };
      this.#members.set(place.name, member);
      return bus;
    };
  }

  setUp(place: Place, isUp: boolean): void {
    const member = this.#members.get(place.name);
    if (member === undefined || member.isUp === isUp) return;
    member.isUp = isUp;
    if (isUp) this.#scheduler.after(1, place, member.heard);
  }

  #publish(from: Member, bytes: Buffer): void {
    this.envelopes += 1;
    if (!from.isUp) throw new Error('the bus is away');
    for (const to of this.#members.values()) {
      if (to === from) continue;
      const copies = this.#random() < this.#faults.drop ? 0 : this.#random() < this.#faults.duplicate ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1)
        this.#scheduler.after(this.#random() * this.#faults.busMs, to.place, () => {
          if (to.isUp) to.receive(bytes);
        });
    }
  }
}
