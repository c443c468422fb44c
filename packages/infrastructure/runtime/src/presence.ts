import { createConnectedDevices, devicesOf, type PresentPerson } from '@coucou/application/presence/connected-devices';
import type { NodePresence, PresenceChange, PresenceOptions } from '@coucou/application/ports/presence';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { Presence, type PresenceStatus } from '@coucou/domain/presence/presence';

const GRACE_MS = 4_000;

/** The devices of one node, in memory: after a restart everyone is offline until they reconnect. */
export function createMemoryPresence({
  clock,
  graceMs = GRACE_MS,
  onChanges,
}: Pick<PresenceOptions, 'clock' | 'graceMs' | 'onChanges'>): NodePresence {
  const changed = new Set<PresentPerson>();
  /** The status last published, of those who are not offline. */
  const told = new WeakMap<PresentPerson, PresenceStatus>();
  let telling: Promise<void> | undefined;
  const devices = createConnectedDevices({ now: () => clock.now(), after, graceMs, onTouched: touch });

  /** In the next turn of the event loop, so that changes are batched, and those that cancel out are not published. */
  function touch(person: PresentPerson): void {
    changed.add(person);
    telling ??= (async () => {
      await new Promise(setImmediate);
      while (changed.size > 0) await tell();
      telling = undefined;
    })();
  }

  async function tell(): Promise<void> {
    const byAccount = new Map<AccountId, PresenceChange[]>();
    for (const person of changed) {
      const { account, userId, lastSeenAt } = person;
      const present = devicesOf(person);
      const status = Presence.statusOf(present);
      devices.drop(person);
      if (status === (told.get(person) ?? 'offline')) continue;
      told.set(person, status);
      const at = (status === 'offline' ? lastSeenAt : undefined) ?? clock.now();
      const list = byAccount.get(account) ?? [];
      list.push({ account, userId, devices: present, at });
      byAccount.set(account, list);
    }
    changed.clear();
    for (const changes of byAccount.values()) await onChanges(changes, 'decided');
  }

  async function settled(): Promise<void> {
    for (let underway = telling; underway !== undefined; underway = telling) await underway;
  }

  return {
    ...devices,
    async of(account, userIds) {
      const present = userIds.map((userId) => [userId, devices.of(account, userId)] as const);
      return new Map(present.filter(([, { length }]) => length > 0));
    },
    heard: (bus) => bus,
    settled,
    async close() {
      devices.leave();
      await settled();
    },
  };
}

function after(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms);
  timer.unref();
  return () => clearTimeout(timer);
}
