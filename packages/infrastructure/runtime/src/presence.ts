import type { PresenceChange, PresenceRegistry } from '@coucou/application/ports/presence';
import type { Clock } from '@coucou/application/ports/clock';
import type { AccountId, Instant, SessionId, UserId } from '@coucou/domain/kernel/ids';
import { type DevicePresence, type DeviceType, Presence, type PresenceStatus } from '@coucou/domain/presence/presence';

export type PresenceOptions = Readonly<{
  clock: Clock;
  /** How long a device stays online after its last connection closed. */
  graceMs?: number;
  /** Publishes changes of one account; the next batch waits until it resolves. It must not reject. */
  onChanges: (changes: readonly PresenceChange[]) => Promise<void>;
}>;

type Device = {
  readonly type: DeviceType;
  status: 'online' | 'away';
  readonly connections: Set<string>;
  watched: ReadonlySet<UserId>;
  /** When the last connection closed. */
  goneAt: Instant | undefined;
  grace: NodeJS.Timeout | undefined;
};

type Person = {
  readonly account: AccountId;
  readonly userId: UserId;
  readonly devices: Map<SessionId, Device>;
  /** The status last published. */
  told: PresenceStatus;
  /** When the last offline device disconnected. */
  lastSeenAt: Instant | undefined;
};

export type MemoryPresence = PresenceRegistry &
  Readonly<{
    /** Resolves when no change is being published; devices in their grace period count as online. */
    settled(): Promise<void>;
    /** Publishes everyone as offline, and resolves when that is done. */
    close(): Promise<void>;
  }>;

const GRACE_MS = 4_000;

const devicesOf = (person: Person): DevicePresence[] => Array.from(person.devices, ([id, { type, status }]) => ({ id, type, status }));

/** The devices of one node, in memory: after a restart everyone is offline until they reconnect. */
export function createMemoryPresence({ clock, graceMs = GRACE_MS, onChanges }: PresenceOptions): MemoryPresence {
  const people = new Map<string, Person>();
  const connections = new Map<string, Readonly<{ person: Person; sessionId: SessionId; device: Device }>>();
  /** By the key of the user subscribed to. */
  const watchers = new Map<string, Map<Device, UserId>>();
  const changed = new Set<Person>();
  let telling: Promise<void> | undefined;

  const keyOf = (account: AccountId, userId: UserId) => `${account}:${userId}`;

  /** In the next turn of the event loop, so that changes are batched, and those that cancel out are not published. */
  function touch(person: Person): void {
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
      const devices = devicesOf(person);
      const status = Presence.statusOf(devices);
      if (person.devices.size === 0) people.delete(keyOf(person.account, person.userId));
      if (status === person.told) continue;
      person.told = status;
      const at = (status === 'offline' ? person.lastSeenAt : undefined) ?? clock.now();
      const list = byAccount.get(person.account) ?? [];
      list.push({ account: person.account, userId: person.userId, devices, at });
      byAccount.set(person.account, list);
    }
    changed.clear();
    for (const changes of byAccount.values()) await onChanges(changes);
  }

  function follow(account: AccountId, watcher: UserId, device: Device, watched: ReadonlySet<UserId>): void {
    for (const userId of device.watched) {
      const key = keyOf(account, userId);
      const devices = watchers.get(key);
      devices?.delete(device);
      if (devices?.size === 0) watchers.delete(key);
    }
    device.watched = watched;
    for (const userId of watched) {
      const key = keyOf(account, userId);
      const devices = watchers.get(key) ?? new Map<Device, UserId>();
      devices.set(device, watcher);
      watchers.set(key, devices);
    }
  }

  function forget(person: Person, sessionId: SessionId, device: Device): void {
    clearTimeout(device.grace);
    follow(person.account, person.userId, device, new Set());
    person.devices.delete(sessionId);
    person.lastSeenAt = device.goneAt ?? clock.now();
    touch(person);
  }

  const deviceOf = (account: AccountId, userId: UserId, sessionId: SessionId) => {
    const person = people.get(keyOf(account, userId));
    const device = person?.devices.get(sessionId);
    return person === undefined || device === undefined ? undefined : { person, device };
  };

  return {
    connected({ account, userId, sessionId, type }, connectionId) {
      const key = keyOf(account, userId);
      const person: Person = people.get(key) ?? { account, userId, devices: new Map(), told: 'offline', lastSeenAt: undefined };
      people.set(key, person);
      const device: Device = person.devices.get(sessionId) ?? {
        type,
        status: 'online',
        connections: new Set(),
        watched: new Set(),
        goneAt: undefined,
        grace: undefined,
      };
      clearTimeout(device.grace);
      device.goneAt = undefined;
      // A new connection makes the device active.
      if (device.connections.size === 0) device.status = 'online';
      device.connections.add(connectionId);
      person.devices.set(sessionId, device);
      connections.set(connectionId, { person, sessionId, device });
      touch(person);
    },

    disconnected(connectionId) {
      const connection = connections.get(connectionId);
      if (connection === undefined) return;
      connections.delete(connectionId);
      const { person, sessionId, device } = connection;
      device.connections.delete(connectionId);
      if (device.connections.size > 0) return;
      device.goneAt = clock.now();
      device.grace = setTimeout(() => forget(person, sessionId, device), graceMs);
      device.grace.unref();
    },

    set(account, userId, sessionId, status) {
      const found = deviceOf(account, userId, sessionId);
      if (found === undefined) return;
      found.device.status = status;
      touch(found.person);
    },

    async of(account, userIds) {
      const present = new Map<UserId, readonly DevicePresence[]>();
      for (const userId of userIds) {
        const person = people.get(keyOf(account, userId));
        if (person !== undefined && person.devices.size > 0) present.set(userId, devicesOf(person));
      }
      return present;
    },

    watch(account, userId, sessionId, watched) {
      const found = deviceOf(account, userId, sessionId);
      if (found !== undefined) follow(account, userId, found.device, new Set(watched));
    },

    watchers: async (account, userId) => [...new Set(watchers.get(keyOf(account, userId))?.values())],

    async settled() {
      for (let underway = telling; underway !== undefined; underway = telling) await underway;
    },

    async close() {
      connections.clear();
      for (const person of people.values()) for (const [sessionId, device] of person.devices) forget(person, sessionId, device);
      await this.settled();
    },
  };
}
