import type { PresenceChange } from '@coucou/application/ports/presence';
import { asId } from '@coucou/domain/kernel/ids';
import { Presence } from '@coucou/domain/presence/presence';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMemoryPresence } from './presence.ts';

const account = asId<'account'>('a');
const alice = asId<'user'>('alice');
const bob = asId<'user'>('bob');
const phone = asId<'session'>('phone');
const laptop = asId<'session'>('laptop');

function registry(onChanges: (changes: readonly PresenceChange[]) => Promise<void> = async () => {}) {
  const told: string[] = [];
  const presence = createMemoryPresence({
    clock: { now: () => new Date() },
    graceMs: 4_000,
    onChanges: async (changes) => {
      told.push(changes.map(({ userId, devices }) => `${userId} ${Presence.statusOf(devices)}`).join(', '));
      await onChanges(changes);
    },
  });
  const connect = (connection: string, sessionId = phone, userId = alice) =>
    presence.connected({ account, userId, sessionId, type: 'mobile' }, connection);
  return { presence, told, connect };
}

describe('the presence of one node', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
  afterEach(() => void vi.useRealTimers());

  it('keeps a device through its grace, and its going at the moment of its last connection', async () => {
    const changes: PresenceChange[] = [];
    const { presence, told, connect } = registry(async (list) => void changes.push(...list));
    connect('1');
    await presence.settled();
    const left = new Date();
    presence.disconnected('1');
    vi.advanceTimersByTime(3_999);
    await presence.settled();
    expect((await presence.of(account, [alice])).get(alice)).toHaveLength(1);
    connect('2');
    vi.advanceTimersByTime(10_000);
    await presence.settled();
    expect(told).toEqual(['alice online']);
    const later = new Date();
    presence.disconnected('2');
    vi.advanceTimersByTime(4_000);
    await presence.settled();
    expect(told).toEqual(['alice online', 'alice offline']);
    expect(changes.at(-1)?.at).toEqual(later);
    expect(later.getTime()).toBeGreaterThan(left.getTime());
    expect(await presence.of(account, [alice])).toEqual(new Map());
  });

  it('tells nothing of changes that undo each other before they are told', async () => {
    const { presence, told, connect } = registry();
    connect('1');
    connect('2', laptop);
    await presence.settled();
    presence.set('1', 'away');
    presence.set('2', 'away');
    presence.set('1', 'online');
    await presence.settled();
    expect(told).toEqual(['alice online']);
  });

  it('tells the changes of one person in their order, however long telling takes', async () => {
    const gate = Promise.withResolvers<void>();
    let held = false;
    const { presence, told, connect } = registry(async () => {
      if (held) return;
      held = true;
      await gate.promise;
    });
    connect('1');
    await new Promise((resolve) => setImmediate(resolve));
    presence.set('1', 'away');
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual(['alice online']);
    gate.resolve();
    await presence.settled();
    expect(told).toEqual(['alice online', 'alice away']);
  });

  it('keeps people of different accounts apart', async () => {
    const { presence, connect } = registry();
    connect('1');
    expect(await presence.of(asId<'account'>('b'), [alice])).toEqual(new Map());
  });

  describe('of a device with two connections', () => {
    const statusOf = async (presence: ReturnType<typeof registry>['presence']) =>
      (await presence.of(account, [alice])).get(alice)?.[0]?.status;

    it('is away when both are', async () => {
      const { presence, told, connect } = registry();
      connect('1');
      connect('2');
      presence.set('1', 'away');
      await presence.settled();
      expect(await statusOf(presence)).toBe('online');
      presence.set('2', 'away');
      await presence.settled();
      expect(await statusOf(presence)).toBe('away');
      expect(told).toEqual(['alice online', 'alice away']);
    });

    it('forgets what one said that has closed', async () => {
      const { presence, told, connect } = registry();
      connect('1');
      connect('2');
      presence.set('2', 'online');
      presence.set('1', 'away');
      presence.disconnected('1');
      await presence.settled();
      expect(await statusOf(presence)).toBe('online');
      connect('3');
      presence.set('3', 'away');
      presence.disconnected('2');
      await presence.settled();
      expect(told).toEqual(['alice online', 'alice away']);
    });

    it('is what the last one was until its grace ends, and online when another comes', async () => {
      const { presence, told, connect } = registry();
      connect('1');
      await presence.settled();
      presence.set('1', 'away');
      await presence.settled();
      presence.disconnected('1');
      vi.advanceTimersByTime(3_999);
      await presence.settled();
      expect(await statusOf(presence)).toBe('away');
      connect('2');
      await presence.settled();
      expect(told).toEqual(['alice online', 'alice away', 'alice online']);
    });
  });

  it('forgets what a connection watches when it closes, and not what another does', async () => {
    const { presence, connect } = registry();
    connect('1', laptop, bob);
    connect('2', laptop, bob);
    presence.watch('1', [alice]);
    presence.watch('2', [bob]);
    expect(await presence.watchers(account, alice)).toEqual([bob]);
    presence.disconnected('2');
    expect(await presence.watchers(account, alice)).toEqual([bob]);
    presence.disconnected('1');
    expect(await presence.watchers(account, alice)).toEqual([]);
  });

  it('ignores connections and devices that it does not know', async () => {
    const { presence, told } = registry();
    presence.disconnected('nobody');
    presence.set('nobody', 'away');
    presence.watch('nobody', [alice]);
    await presence.settled();
    expect(told).toEqual([]);
  });

  it('tells of everybody when it closes', async () => {
    const { presence, told, connect } = registry();
    connect('1');
    connect('2', laptop, bob);
    await presence.settled();
    await presence.close();
    expect(told).toEqual(['alice online, bob online', 'alice offline, bob offline']);
  });
});
