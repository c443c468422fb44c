import type { NodePresence } from '@coucou/application/ports/presence';
import { asId, type SessionId, type UserId } from '@coucou/domain/kernel/ids';
import { type DeviceType, Presence } from '@coucou/domain/presence/presence';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';

export const account = asId<'account'>(randomUUID());
export const [alice, bob] = [asId<'user'>('alice'), asId<'user'>('bob')];
export const [phone, laptop] = [asId<'session'>('phone'), asId<'session'>('laptop')];
/** Long enough for two steps of a test, on any machine. */
export const SUITE_GRACE_MS = 400;

export type PresenceNode = Readonly<{
  presence: NodePresence;
  /** What this node decided: `alice online`. */
  decided: string[];
  /** What sockets of this node were told. */
  shown: string[];
}>;

export type PresenceUnderTest = Readonly<{
  /** Where devices connect; one and the same where there is one node. */
  here: PresenceNode;
  there: PresenceNode;
  close: () => Promise<void>;
}>;

export const connect = (
  { presence }: PresenceNode,
  connection: string,
  { userId = alice, sessionId = phone, type = 'mobile' }: { userId?: UserId; sessionId?: SessionId; type?: DeviceType } = {},
): void => presence.connected({ account, userId, sessionId, type }, connection);

export async function devicesAt({ presence }: PresenceNode, userId = alice): Promise<Record<string, string>> {
  const found = (await presence.of(account, [userId])).get(userId) ?? [];
  return Object.fromEntries(found.map(({ id, status }) => [id, status]));
}

export const statusAt = async ({ presence }: PresenceNode, userId = alice): Promise<string> =>
  Presence.statusOf((await presence.of(account, [userId])).get(userId) ?? []);

/** What every registry of presence does, with the devices of a person on one node or on two. */
export function presenceSuite(name: string, open: () => Promise<PresenceUnderTest>): void {
  describe(`presence: ${name}`, () => {
    let under: PresenceUnderTest;
    beforeEach(async () => {
      under = await open();
    });
    afterEach(() => under.close());

    const nodes = () => [...new Set([under.here, under.there])];
    const settled = async () => {
      for (const { presence } of nodes()) await presence.settled();
    };
    const decided = () => nodes().flatMap((node) => node.decided);
    const shownEverywhere = (expected: readonly string[]) =>
      until(() => nodes().every(({ shown }) => shown.length >= expected.length), { what: `all nodes to show ${expected.join(', ')}` });

    it('announces the first device and the end of the last, each once, on all nodes', async () => {
      const { here, there } = under;
      connect(here, '1');
      await settled();
      connect(there, '2', { sessionId: laptop });
      await settled();
      expect(decided()).toEqual(['alice online']);
      here.presence.disconnected('1');
      await until(async () => !('phone' in (await devicesAt(there))), { what: 'the first device to be gone' });
      await settled();
      expect(decided()).toEqual(['alice online']);
      there.presence.disconnected('2');
      const both = ['alice online', 'alice offline'];
      await shownEverywhere(both);
      await settled();
      expect(decided().toSorted()).toEqual(both.toSorted());
      for (const { shown } of nodes()) expect(shown).toEqual(both);
      expect(await devicesAt(here)).toEqual({});
    });

    it('takes a person for away when all devices are', async () => {
      const { here, there } = under;
      connect(here, '1');
      connect(there, '2', { sessionId: laptop });
      await settled();
      here.presence.set('1', 'away');
      await settled();
      expect(await statusAt(there)).toBe('online');
      there.presence.set('2', 'away');
      await shownEverywhere(['online', 'away']);
      expect(await devicesAt(here)).toEqual({ phone: 'away', laptop: 'away' });
      here.presence.set('1', 'online');
      const all = ['alice online', 'alice away', 'alice online'];
      await shownEverywhere(all);
      await settled();
      for (const { shown } of nodes()) expect(shown).toEqual(all);
      expect(decided()).toHaveLength(3);
    });

    it('does not announce who moves within the grace', async () => {
      const { here, there } = under;
      connect(here, '1');
      await settled();
      here.presence.disconnected('1');
      connect(there, '2');
      await settled();
      // By then the grace of the first is over: bob went after it.
      connect(here, '3', { userId: bob });
      here.presence.disconnected('3');
      await shownEverywhere(['alice online', 'bob online', 'bob offline']);
      await settled();
      expect(await devicesAt(here)).toEqual({ phone: 'online' });
      expect(decided().filter((each) => each.startsWith('alice'))).toEqual(['alice online']);
    });

    it('shows a session that is connected twice as one device, as present as its most present connection', async () => {
      const { here, there } = under;
      connect(here, '1');
      connect(there, '2');
      await settled();
      there.presence.set('2', 'away');
      await settled();
      for (const node of nodes()) expect(await devicesAt(node)).toEqual({ phone: 'online' });
      here.presence.set('1', 'away');
      await settled();
      for (const node of nodes()) expect(await devicesAt(node)).toEqual({ phone: 'away' });
    });

    it('finds the devices of many people, and none of other accounts', async () => {
      const { here, there } = under;
      const people = Array.from({ length: 500 }, (_, at) => asId<'user'>(`person-${at}`));
      for (const [at, userId] of people.entries()) connect(at % 2 === 0 ? here : there, `many-${at}`, { userId });
      await settled();
      for (const { presence } of nodes()) {
        const found = await presence.of(account, [...people, bob]);
        expect(found.size).toBe(500);
        expect(found.get(people[1] as UserId)).toEqual([{ id: phone, type: 'mobile', status: 'online' }]);
        expect((await presence.of(asId<'account'>(randomUUID()), people)).size).toBe(0);
      }
      expect(decided()).toHaveLength(500);
    });

    it('forgets what a connection watches when it closes, and ignores those that it does not know', async () => {
      const { presence } = under.here;
      connect(under.here, '1', { userId: bob });
      presence.watch('1', [alice]);
      presence.watch('nobody', [alice]);
      presence.set('nobody', 'away');
      presence.disconnected('nobody');
      expect(await presence.watchers(account, alice)).toEqual([bob]);
      presence.disconnected('1');
      expect(await presence.watchers(account, alice)).toEqual([]);
      await settled();
      expect(decided()).toEqual(['bob online']);
    });
  });
}
