import type { Clock } from '@coucou/application/ports/clock';
import { type ConnectedDevices, presenceKey } from '@coucou/application/presence/connected-devices';
import { Presence } from '@coucou/domain/presence/presence';
import { devicesOfEntry, mergeDevices, statusOfLetter } from './presence-entries.ts';
import type { Known, KnownPeople } from './presence-known.ts';
import { READ, SCAN } from './presence-scripts.ts';
import type { PresenceTells } from './presence-tells.ts';
import type { Script } from './script.ts';

/** What every script answers first. */
export type Head = readonly [epoch: string, isKnown: number, order: number];
export type Reply = readonly [...Head, ...unknown[]];
export type Found = readonly [...Head, entries: readonly (readonly string[])[]];
type Page = readonly [...Head, cursor: string, pairs: readonly string[]];

export type ComparisonOptions = Readonly<{
  ask: <Answer extends Reply>(step: Script, args: readonly string[]) => Promise<Answer>;
  people: KnownPeople;
  devices: ConnectedDevices;
  tells: PresenceTells;
  clock: Clock;
  /** People of one script. */
  atOnce: number;
}>;

/** Compares what the sockets of this node were told with Redis, and tells them what they missed. */
export function createComparison({ ask, people, devices, tells, clock, atOnce }: ComparisonOptions): () => Promise<void> {
  async function tellMissed(some: readonly Known[]): Promise<void> {
    const [, , order, found] = await ask<Found>(
      READ,
      some.map(({ account, userId }) => presenceKey(account, userId)),
    );
    const [someone] = devices.people();
    for (const [at, known] of some.entries()) {
      const { account, userId } = known;
      const present = mergeDevices(devices.of(account, userId), ...(found[at] ?? []).map(devicesOfEntry));
      if (Presence.statusOf(present) === known.shown) continue;
      // Nobody is connected who could be told.
      if (someone === undefined) people.show(known, present, order);
      else tells.put('missed', { account, userId, devices: present, at: clock.now(), order });
    }
  }

  return async () => {
    const present = new Set<Known>();
    const differing: Known[] = [];
    let began = Number.POSITIVE_INFINITY;
    let cursor = '0';
    do {
      const [, , order, next, pairs] = await ask<Page>(SCAN, [cursor]);
      began = Math.min(began, order);
      for (let at = 0; at < pairs.length; at += 2) {
        const known = people.byKey(pairs[at] ?? '');
        present.add(known);
        if (known.order < order && known.shown !== statusOfLetter(pairs[at + 1])) differing.push(known);
      }
      cursor = next;
    } while (cursor !== '0');
    for (const known of people.all())
      if (!present.has(known) && (known.shown ?? 'offline') !== 'offline' && known.order < began) differing.push(known);
    for (let from = 0; from < differing.length; from += atOnce) await tellMissed(differing.slice(from, from + atOnce));
  };
}
