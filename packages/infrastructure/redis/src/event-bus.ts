import { announcedIn, type Frame, frameOf, textOf } from '@coucou/application/kernel/frame';
import { loggableError } from '@coucou/application/kernel/loggable-error';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { Metrics } from '@coucou/application/ports/metrics';
import type { Announced, EventBus } from '@coucou/application/ports/event-bus';
import type { GuardedClient } from './client.ts';
import type { Envelopes } from './envelope.ts';
import type { RedisLog } from './outage.ts';
import { seldom } from './seldom.ts';

export type RedisEventBusOptions = Readonly<{
  /** Carry what this node announces, and what the others do, to listeners in this process. */
  own: EventBus;
  others: EventBus;
  envelopes: Envelopes;
  channel: string;
  /** On a cluster the channel is on the master of its slot alone. */
  isSharded: boolean;
  publisher: GuardedClient;
  /** Whether the channel is heard. */
  isHeard: () => boolean;
  metrics: Metrics;
  log: RedisLog;
}>;

export type RedisEventBus = EventBus &
  Readonly<{
    /** What came on the channel. Never throws. */
    receive: (bytes: Buffer) => void;
    /** The channel is heard again. */
    subscribed: () => void;
    /** Publishing works again. */
    resumed: () => void;
    /** Resolves when what was announced has been published, or could not be. */
    settled: () => Promise<void>;
  }>;

/** Bytes of an envelope, roughly: events of one turn share one up to here. */
const ENVELOPE_BYTES = 256 * 1024;
/** Larger ones are neither written nor read. */
const MOST_BYTES = 8 * 1024 * 1024;
/** Bytes that may wait for Redis; beyond them events are dropped and a gap is left, so that a slow Redis costs no memory. */
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
const RECOVER_EVERY_MS = 1_000;
/** Nodes whose place is remembered; those heard of last. */
const MOST_NODES = 1_000;

/** In characters. */
const lengthOf = ({ head, payloads }: Frame): number => payloads.reduce((sum, { length }) => sum + length, head.length);

/**
 * The event bus of several nodes. An event reaches the listeners of its own node first, in the publisher's turn, and then the others, in the order
 * in which that node published. What Redis loses is lost: each node numbers its envelopes, so that the others notice a gap, and
 * `onRecovered` listeners compare with the database.
 */
export function createRedisEventBus({
  own,
  others,
  envelopes,
  channel,
  isSharded,
  publisher,
  isHeard,
  metrics,
  log,
}: RedisEventBusOptions): RedisEventBus {
  const countOf = (outcome: string) => metrics.counter(catalogue.nodeEvents, { outcome });
  const counts = { published: countOf('published'), lost: countOf('lost'), received: countOf('received') };
  const ignored = metrics.counter(catalogue.nodeEnvelopes, { outcome: 'ignored' });
  const missing = metrics.counter(catalogue.nodeEnvelopes, { outcome: 'missing' });
  const seqs = new Map<string, number>();
  let waiting: Announced[] = [];
  const publishing = new Set<Promise<void>>();
  /** Others may not know yet that something was lost. */
  let owesGap = false;
  const seldomIgnored = seldom();
  const seldomLost = seldom();

  function framed(announced: Announced): Frame | undefined {
    try {
      return frameOf(announced);
    } catch (error) {
      log.error({ event: announced.type, error: loggableError(error) }, 'an event could not be written for the other nodes');
      return undefined;
    }
  }

  function flush(): void {
    const batch = waiting;
    waiting = [];
    if (batch.length === 0) return;
    if (!publisher.isUp()) return lose(batch.length);
    let frames: Frame[] = [];
    let length = 0;
    const post = () => {
      if (frames.length > 0) send(frames);
      frames = [];
      length = 0;
    };
    for (const announced of batch) {
      const frame = framed(announced);
      const size = frame === undefined ? Infinity : lengthOf(frame);
      if (frame === undefined || size > MOST_BYTES / 4) {
        lose(1);
        continue;
      }
      if (length + size > ENVELOPE_BYTES) post();
      frames.push(frame);
      length += size;
    }
    post();
  }

  /** Leaves a gap in the numbers, which the next envelope shows. */
  function lose(events: number): void {
    counts.lost.add(events);
    owesGap = true;
    envelopes.skip();
    seldomLost(() => log.warn({ events }, 'events could not be published to the other nodes (told once a minute)'));
  }

  function send(frames: readonly Frame[]): void {
    const events = frames.length;
    if (publisher.buffered() > MOST_WAITING_BYTES) return lose(events);
    const bytes = envelopes.seal(textOf(frames));
    const published = publisher
      .send((redis) => (isSharded ? redis.spublish(channel, bytes) : redis.publish(channel, bytes)))
      .then(
        () => counts.published.add(events),
        () => lose(events),
      )
      .finally(() => publishing.delete(published));
    publishing.add(published);
  }

  function ignore(what: string): void {
    ignored.add();
    seldomIgnored(() =>
      log.warn(
        `ignored ${what} on the channel of events (told once a minute); all nodes need the same SECRET_KEY, and nothing else should publish there`,
      ),
    );
  }

  /** Whether it is the first of its kind that this node reads. */
  function isNext(node: string, seq: number): boolean {
    const last = seqs.get(node);
    if (last !== undefined && seq <= last) return false;
    // Set anew, so that the map is in the order of hearing.
    seqs.delete(node);
    seqs.set(node, seq);
    for (const [oldest] of seqs) {
      if (seqs.size <= MOST_NODES) break;
      seqs.delete(oldest);
    }
    if (last !== undefined && seq > last + 1) missing.add();
    // What a node published before it was first heard may be lost as well: it was too early to be heard, or failed.
    if (seq > (last ?? 0) + 1) recover();
    return true;
  }

  function receive(bytes: Buffer): void {
    if (bytes.length > MOST_BYTES) return ignore('an envelope that is too large');
    if (envelopes.isOwn(bytes)) return;
    const envelope = envelopes.open(bytes);
    if (envelope === undefined) return ignore('what no node of this deployment wrote');
    if (!isNext(envelope.node, envelope.seq)) return ignore('an envelope that came before');
    const announced = announcedIn(envelope.body);
    counts.received.add(announced.length);
    if (announced.length > 0) others.publish(announced);
  }

  const recovering = new Set<() => void>();
  let recoveredAt = Number.NEGATIVE_INFINITY;
  let recovery: NodeJS.Timeout | undefined;
  function recover(): void {
    if (recovery !== undefined) return;
    const wait = Math.max(0, recoveredAt + RECOVER_EVERY_MS - performance.now());
    recovery = setTimeout(() => {
      recovery = undefined;
      recoveredAt = performance.now();
      for (const listener of recovering) guard(listener);
    }, wait);
    recovery.unref();
  }

  /** An exception in a listener of the library ends the process. */
  function guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      log.error({ error: loggableError(error) }, 'events of other nodes could not be delivered');
    }
  }

  return {
    publish(announced) {
      own.publish(announced);
      if (announced.length === 0) return;
      // What is announced in one turn goes as one envelope.
      if (waiting.length === 0) setImmediate(flush);
      waiting.push(...announced);
    },
    subscribe(listener) {
      const leave = [own.subscribe(listener), others.subscribe(listener)];
      return () => leave.forEach((unsubscribe) => unsubscribe());
    },
    onRecovered(listener) {
      recovering.add(listener);
      return () => void recovering.delete(listener);
    },
    isWhole: () => publisher.isUp() && isHeard(),
    receive: (bytes) => guard(() => receive(bytes)),
    subscribed: recover,
    resumed() {
      if (!owesGap) return;
      owesGap = false;
      send([]);
    },
    async settled() {
      if (waiting.length > 0) flush();
      await Promise.all(publishing);
    },
  };
}
