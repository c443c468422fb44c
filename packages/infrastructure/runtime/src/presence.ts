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

/** Presence is state of the connection that set it, and is dropped with it. */
type Connection = {
  readonly person: Person;
  readonly sessionId: SessionId;
  readonly device: Device;
  status: Active;
  watched: ReadonlySet<UserId>;
};

type Device = {
  readonly type: DeviceType;
  readonly connections: Set<Connection>;
  /** While it has no connection: what it was when the last one closed. */
  lastStatus: Active;
  /** When the last connection closed. */
  goneAt: Instant | undefined;
  grace: NodeJS.Timeout | undefined;
};

type Active = Exclude<PresenceStatus, 'offline'>;

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

/** A device is as present as its most present connection. */
const statusOf = ({ connections, lastStatus }: Device): PresenceStatus =>
  connections.size === 0 ? lastStatus : Presence.statusOf([...connections]);

const devicesOf = (person: Person): DevicePresence[] =>
  Array.from(person.devices, ([id, device]) => ({ id, type: device.type, status: statusOf(device) }));

/** The devices of one node, in memory: after a restart everyone is offline until they reconnect. */
export function createMemoryPresence({ clock, graceMs = GRACE_MS, onChanges }: PresenceOptions): MemoryPresence {
  const people = new Map<string, Person>();
  const connections = new Map<string, Connection>();
  /** By the key of the user subscribed to. */
  const watchers = new Map<string, Map<Connection, UserId>>();
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

  function follow(connection: Connection, watched: ReadonlySet<UserId>): void {
    const { account, userId: watcher } = connection.person;
    for (const userId of connection.watched) {
      const key = keyOf(account, userId);
      const following = watchers.get(key);
      following?.delete(connection);
      if (following?.size === 0) watchers.delete(key);
    }
    connection.watched = watched;
    for (const userId of watched) {
      const key = keyOf(account, userId);
      const following = watchers.get(key) ?? new Map<Connection, UserId>();
      following.set(connection, watcher);
      watchers.set(key, following);
    }
  }

  function forget(person: Person, sessionId: SessionId, device: Device): void {
    clearTimeout(device.grace);
    person.devices.delete(sessionId);
    person.lastSeenAt = device.goneAt ?? clock.now();
    touch(person);
  }

  return {
    connected({ account, userId, sessionId, type }, connectionId) {
      const key = keyOf(account, userId);
      const person: Person = people.get(key) ?? { account, userId, devices: new Map(), told: 'offline', lastSeenAt: undefined };
      people.set(key, person);
      const device: Device = person.devices.get(sessionId) ?? {
        type,
        connections: new Set(),
        lastStatus: 'online',
        goneAt: undefined,
        grace: undefined,
      };
      clearTimeout(device.grace);
      device.goneAt = undefined;
      const connection: Connection = { person, sessionId, device, status: 'online', watched: new Set() };
      device.connections.add(connection);
      person.devices.set(sessionId, device);
      connections.set(connectionId, connection);
      touch(person);
    },

    disconnected(connectionId) {
      const connection = connections.get(connectionId);
      if (connection === undefined) return;
      connections.delete(connectionId);
      const { person, sessionId, device } = connection;
      follow(connection, new Set());
      device.lastStatus = connection.status;
      device.connections.delete(connection);
      touch(person);
      if (device.connections.size > 0) return;
      device.goneAt = clock.now();
      device.grace = setTimeout(() => forget(person, sessionId, device), graceMs);
      device.grace.unref();
    },

    set(connectionId, status) {
      const connection = connections.get(connectionId);
      if (connection === undefined) return;
      connection.status = status;
      touch(connection.person);
    },

    async of(account, userIds) {
      const present = new Map<UserId, readonly DevicePresence[]>();
      for (const userId of userIds) {
        const person = people.get(keyOf(account, userId));
        if (person !== undefined && person.devices.size > 0) present.set(userId, devicesOf(person));
      }
      return present;
    },

    watch(connectionId, watched) {
      const connection = connections.get(connectionId);
      if (connection !== undefined) follow(connection, new Set(watched));
    },

    watchers: async (account, userId) => [...new Set(watchers.get(keyOf(account, userId))?.values())],

    async settled() {
      for (let underway = telling; underway !== undefined; underway = telling) await underway;
    },

    async close() {
      for (const connection of connections.values()) follow(connection, new Set());
      connections.clear();
      for (const person of people.values()) for (const [sessionId, device] of person.devices) forget(person, sessionId, device);
      await this.settled();
    },
  };
}
