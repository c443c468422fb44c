import { randomUUID } from 'node:crypto';
import type { NodePresence, PresenceOptions } from '@coucou/application/ports/presence';
import { createConnectedDevices, devicesOf, presenceKey, type PresentPerson } from '@coucou/application/presence/connected-devices';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { type DevicePresence, Presence } from '@coucou/domain/presence/presence';
import type { GuardedClient } from './client.ts';
import type { Names } from './names.ts';
import type { RedisLog } from './outage.ts';
import { devicesOfEntry, entryOf, letterOf, mergeDevices, statusOfLetter } from './presence-entries.ts';
import { createComparison, type Found, type Head, type Reply } from './presence-comparison.ts';
import { createKnownPeople, type Known } from './presence-known.ts';
import { LEASE, OWN, READ, TICK, UPDATE } from './presence-scripts.ts';
import { createPresenceTells } from './presence-tells.ts';
import { runScript, type Script } from './script.ts';

export type RedisPresenceOptions = PresenceOptions &
  Readonly<{
    client: Pick<GuardedClient, 'isUp' | 'ask'>;
    names: Names;
    /** What this node is called in the logs of the others. */
    node: string;
    log: RedisLog;
  }>;

export type RedisPresence = NodePresence & Readonly<{ /** Redis is back. */ resumed: () => void }>;

const GRACE_MS = 4_000;
/** People of one script. */
const AT_ONCE = 200;
/** After this time nodes that lost their people on Redis have registered them again, or say that it takes longer. */
const COMPARE_AFTER_MS = 2_000;

/** Whose status changed, how long ago it did, and what devices they have on other nodes. */
type Edge = readonly [key: string, agoMs: number, entries: readonly string[]];
type Updated = readonly [...Head, elsewhere: readonly string[], edges: readonly Edge[]];
type Ticked = readonly [
  ...Head,
  edges: readonly Edge[],
  gone: readonly string[],
  runs: readonly string[],
  alive: number,
  more: number,
  partial: number,
];
type Listed = readonly [...Head, keys: readonly string[]];
type Someone = Readonly<{ account: AccountId; userId: UserId }>;

/**
 * The devices of all nodes, on Redis. A node has its people there under a lease: who dies, or is cut off, is found by the others. The status of a person
 * is decided by the script that changes it, so that each change is announced by one node. While Redis is away a node decides about its own people by
 * what it knew of the others.
 */
export function createRedisPresence(options: RedisPresenceOptions): RedisPresence {
  const { client, names, node, log, clock, graceMs = GRACE_MS, onChanges, onHeard = async () => {} } = options;
  const { presence } = names;
  const run = `${node}/${randomUUID()}`;
  let epoch = '';
  let asked = 0;
  /** Who is to be told to Redis, and who could not be. */
  const touched = new Map<string, Someone>();
  const owed = new Map<string, Someone>();
  /** Whom Redis has lost, and has not been told again. */
  const lost = new Set<string>();
  let flushing: Promise<void> | undefined;
  let ticking: Promise<void> | undefined;
  const hearing = new Set<Promise<void>>();
  /** Runs that were found dead and still have people. */
  let dead = new Set<string>();
  let isLast = true;
  /** The runs that count, as of the last answer. */
  let runs = '';
  /** When what sockets were told is compared with Redis, since it may be wrong. */
  let compareAt: number | undefined = 0;
  let isClosed = false;

  const tells = createPresenceTells(onChanges);
  const devices = createConnectedDevices({ now: () => clock.now(), after, graceMs, onTouched: touch });
  const people = createKnownPeople({
    now: () => performance.now(),
    onHeard(change, told) {
      const heard = onHeard(change, told).finally(() => hearing.delete(heard));
      hearing.add(heard);
    },
  });

  const compare = createComparison({ ask, people, devices, tells, clock, atOnce: AT_ONCE });

  async function ask<Answer extends Reply>(step: Script, args: readonly string[] = []): Promise<Answer> {
    const keys = [presence.leases, presence.told, presence.epoch, presence.partial];
    const known = epoch;
    const reply = (await client.ask((redis) =>
      runScript(redis, step, keys, [presence.run, run, `${run}/${(asked += 1)}`, ...args]),
    )) as Answer;
    epoch = reply[0];
    // Others took this node for dead, or Redis has lost everything.
    if (known !== '' && reply[1] === 0) registerAll();
    // Perhaps by another clock.
    if (known !== '' && known !== epoch) for (const each of people.all()) each.order = 0;
    return reply;
  }

  function oweComparison(): void {
    compareAt ??= performance.now() + COMPARE_AFTER_MS;
  }

  function registerAll(): void {
    oweComparison();
    for (const { account, userId } of devices.people()) {
      lost.add(presenceKey(account, userId));
      touch(Object.assign(people.of(account, userId), { sent: undefined }));
    }
  }

  /**
   * Redis may have come back with the data of a moment before it went: a replica that was promoted, or a snapshot. So its people of this node are
   * compared with who is here.
   */
  async function registerAnew(): Promise<void> {
    registerAll();
    const [, , , keys] = await ask<Listed>(OWN);
    for (const key of keys) touch(Object.assign(people.byKey(key), { sent: undefined }));
  }

  /** In the next turn of the event loop: those of one turn go together, and changes that cancel out are nothing. */
  function touch({ account, userId }: Someone): void {
    if (isClosed) return;
    touched.set(presenceKey(account, userId), { account, userId });
    flushing ??= flush();
  }

  async function flush(): Promise<void> {
    await new Promise(setImmediate);
    while (touched.size > 0) {
      const some = [...touched].slice(0, AT_ONCE);
      for (const [key] of some) touched.delete(key);
      await update(some.map(([, someone]) => entered(someone)).filter(({ known, entry }) => known.sent !== entry));
    }
    flushing = undefined;
  }

  function entered({ account, userId }: Someone) {
    const person: PresentPerson | undefined = devices.person(account, userId);
    const own = person === undefined ? [] : devicesOf(person);
    if (person !== undefined) devices.drop(person);
    return { known: people.of(account, userId), own, entry: entryOf(own), lastSeenAt: person?.lastSeenAt };
  }

  type Entered = ReturnType<typeof entered>;

  async function update(some: readonly Entered[]): Promise<void> {
    if (some.length === 0) return;
    const args = some.flatMap(({ known, entry }) => [presenceKey(known.account, known.userId), entry, letterOf(known.told), known.epoch]);
    let reply: Updated;
    try {
      reply = await ask<Updated>(UPDATE, args);
    } catch {
      // Told to the log by the client, once for the outage.
      for (const each of some) decideHere(each);
      return;
    }
    const [now, , order, elsewhere, edges] = reply;
    for (const [at, { known, entry }] of some.entries()) {
      for (const list of [owed, lost]) list.delete(presenceKey(known.account, known.userId));
      Object.assign(known, { sent: entry, epoch: now, elsewhere: statusOfLetter(elsewhere[at]) });
    }
    const seen = new Map(some.map((each) => [presenceKey(each.known.account, each.known.userId), each]));
    for (const [key, , entries] of edges) {
      const each = seen.get(key);
      if (each !== undefined) decided(each.known, mergeDevices(each.own, ...entries.map(devicesOfEntry)), order, each.lastSeenAt);
    }
  }

  function decided(known: Known, present: readonly DevicePresence[], order: number, at = clock.now()): void {
    const status = Presence.statusOf(present);
    const by = known.isDecidedHere && known.told === status ? 'repeated' : 'decided';
    Object.assign(known, { told: status, toldOrder: order, isDecidedHere: order === 0 });
    const { account, userId } = known;
    tells.put(by, { account, userId, devices: present, at: status === 'offline' ? at : clock.now(), order });
  }

  function decideHere({ known, own, lastSeenAt }: Entered): void {
    known.sent = undefined;
    owed.set(presenceKey(known.account, known.userId), known);
    const present = mergeDevices(own, lastKnown(known, own));
    if (Presence.statusOf(present) !== known.told) decided(known, present, 0, lastSeenAt);
  }

  /** What was last known of a person's devices on other nodes. */
  function lastKnown(known: Known | undefined, own: readonly DevicePresence[]): readonly DevicePresence[] {
    if (known === undefined || known.shown === 'offline') return [];
    const isHere = own.length > 0 || known.sent !== '';
    return isHere && known.elsewhere === 'offline' ? [] : known.devices;
  }

  async function renew(how?: 'leave'): Promise<void> {
    for (let more = 1; more === 1; ) {
      const answer = await ask<Ticked>(TICK, [how ?? (lost.size > 0 ? 'partial' : 'whole')]);
      const [, , order, edges, gone, counting, areOthersAlive, rest, partial] = answer;
      more = rest;
      if (partial > 0) compareAt = performance.now() + COMPARE_AFTER_MS;
      isLast = areOthersAlive === 0;
      for (const [key, agoMs, entries] of edges) {
        const known = people.byKey(key);
        const present = mergeDevices(devices.of(known.account, known.userId), ...entries.map(devicesOfEntry));
        decided(known, present, order, new Date(clock.now().getTime() - agoMs));
      }
      notice(gone, counting.toSorted().join());
    }
  }

  async function tick(): Promise<void> {
    await renew();
    if (compareAt !== undefined && compareAt <= performance.now()) {
      compareAt = undefined;
      await compare().catch((error: unknown) => {
        compareAt = 0;
        throw error;
      });
    }
    people.fade(({ account, userId }) => devices.person(account, userId) !== undefined || owed.has(presenceKey(account, userId)));
  }

  function notice(gone: readonly string[], counting: string): void {
    for (const each of gone) {
      if (dead.has(each)) continue;
      log.info(
        { node: each.split('/')[0], ms: LEASE.graceMs },
        'a node has gone: its people are offline soon, unless they connect elsewhere',
      );
    }
    dead = new Set(gone);
    // One that has gone may have decided what it could not announce any more, and one that comes back what it did not hear of.
    if (runs !== '' && runs !== counting) oweComparison();
    runs = counting;
  }

  function tickSoon(): void {
    if (isClosed || !client.isUp()) return;
    ticking ??= tick()
      // Told to the log by the client; the next one does what is left.
      .catch(() => {})
      .finally(() => {
        ticking = undefined;
      });
  }
  const timer = setInterval(tickSoon, LEASE.renewMs);
  timer.unref();
  tickSoon();

  async function settled(): Promise<void> {
    for (let underway = flushing ?? ticking; underway !== undefined; underway = flushing ?? ticking) await underway;
    await tells.settled();
    await Promise.all(hearing);
  }

  return {
    ...devices,
    async of(account, userIds) {
      const found = await ask<Found>(
        READ,
        userIds.map((userId) => presenceKey(account, userId)),
      ).catch(() => undefined);
      const present = new Map<UserId, readonly DevicePresence[]>();
      for (const [at, userId] of userIds.entries()) {
        const own = devices.of(account, userId);
        const others = found === undefined ? lastKnown(people.find(account, userId), own) : (found[3][at] ?? []).flatMap(devicesOfEntry);
        const all = mergeDevices(own, others);
        if (all.length > 0) present.set(userId, all);
      }
      return present;
    },
    heard(bus) {
      bus.onRecovered(oweComparison);
      return people.heard(bus);
    },
    resumed() {
      for (const someone of owed.values()) touch(someone);
      // Told to the log by the client, which says so when Redis is back again.
      void registerAnew().catch(() => {});
      tickSoon();
    },
    settled,
    async close() {
      clearInterval(timer);
      await settled();
      await renew('leave').catch(() => {});
      // Others take its people when the lease is over, so that whoever moves to them is not offline in between.
      if (isLast) devices.leave();
      await settled();
      isClosed = true;
    },
  };
}

function after(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms);
  timer.unref();
  return () => clearTimeout(timer);
}
