import type { AccountId, Instant, SessionId, UserId } from '@coucou/domain/kernel/ids';
import { type DevicePresence, type DeviceType, Presence, type PresenceStatus } from '@coucou/domain/presence/presence';
import type { PresenceRegistry } from '../ports/presence.ts';

export type ConnectedDevicesOptions = Readonly<{
  now: () => Instant;
  /** Runs `work` later; answers a function that prevents it. */
  after: (ms: number, work: () => void) => () => void;
  /** How long a device stays online after its last connection closed. */
  graceMs: number;
  /** What a person's devices are may have changed. */
  onTouched: (person: PresentPerson) => void;
}>;

export type PresentPerson = Readonly<{ account: AccountId; userId: UserId; devices: ReadonlyMap<SessionId, Device> }> & {
  /** When the last offline device disconnected. */
  lastSeenAt: Instant | undefined;
};

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
  /** Prevents the end of its grace. */
  stay: () => void;
};

type Active = Exclude<PresenceStatus, 'offline'>;
type Person = PresentPerson & Readonly<{ devices: Map<SessionId, Device> }>;

export type ConnectedDevices = Pick<PresenceRegistry, 'connected' | 'disconnected' | 'set' | 'watch' | 'watchers'> &
  Readonly<{
    /** Those of one person, also in their grace. */
    of: (account: AccountId, userId: UserId) => DevicePresence[];
    person: (account: AccountId, userId: UserId) => PresentPerson | undefined;
    people: () => Iterable<PresentPerson>;
    /** Forgets a person who has no device. */
    drop: (person: PresentPerson) => void;
    /** Ends everything, without grace. */
    leave: () => void;
  }>;

const stay = () => {};
const nobody: ReadonlySet<UserId> = new Set();

/** A device is as present as its most present connection. */
const statusOf = ({ connections, lastStatus }: Device): PresenceStatus =>
  connections.size === 0 ? lastStatus : Presence.statusOf([...connections]);

export const devicesOf = ({ devices }: PresentPerson): DevicePresence[] =>
  Array.from(devices, ([id, device]) => ({ id, type: device.type, status: statusOf(device) }));

export const presenceKey = (account: AccountId, userId: UserId): string => `${account}:${userId}`;

/** The connections of one node, their devices, and what they watch: what every adapter of `PresenceRegistry` begins with. */
export function createConnectedDevices({ now, after, graceMs, onTouched }: ConnectedDevicesOptions): ConnectedDevices {
  const people = new Map<string, Person>();
  const connections = new Map<string, Connection>();
  /** By the key of the user subscribed to. */
  const watchers = new Map<string, Map<Connection, UserId>>();

  function follow(connection: Connection, watched: ReadonlySet<UserId>): void {
    const { account, userId: watcher } = connection.person;
    for (const userId of connection.watched) {
      const key = presenceKey(account, userId);
      const following = watchers.get(key);
      following?.delete(connection);
      if (following?.size === 0) watchers.delete(key);
    }
    connection.watched = watched;
    for (const userId of watched) {
      const key = presenceKey(account, userId);
      const following = watchers.get(key) ?? new Map<Connection, UserId>();
      following.set(connection, watcher);
      watchers.set(key, following);
    }
  }

  function forget(person: Person, sessionId: SessionId, device: Device): void {
    device.stay();
    person.devices.delete(sessionId);
    person.lastSeenAt = device.goneAt ?? now();
    onTouched(person);
  }

  return {
    connected({ account, userId, sessionId, type }, connectionId) {
      const key = presenceKey(account, userId);
      const person: Person = people.get(key) ?? { account, userId, devices: new Map(), lastSeenAt: undefined };
      people.set(key, person);
      const device: Device = person.devices.get(sessionId) ?? {
        type,
        connections: new Set(),
        lastStatus: 'online',
        goneAt: undefined,
        stay,
      };
      device.stay();
      device.goneAt = undefined;
      const connection: Connection = { person, sessionId, device, status: 'online', watched: nobody };
      device.connections.add(connection);
      person.devices.set(sessionId, device);
      connections.set(connectionId, connection);
      onTouched(person);
    },

    disconnected(connectionId) {
      const connection = connections.get(connectionId);
      if (connection === undefined) return;
      connections.delete(connectionId);
      const { person, sessionId, device } = connection;
      follow(connection, nobody);
      device.lastStatus = connection.status;
      device.connections.delete(connection);
      onTouched(person);
      if (device.connections.size > 0) return;
      device.goneAt = now();
      device.stay = after(graceMs, () => forget(person, sessionId, device));
    },

    set(connectionId, status) {
      const connection = connections.get(connectionId);
      if (connection === undefined) return;
      connection.status = status;
      onTouched(connection.person);
    },

    watch(connectionId, watched) {
      const connection = connections.get(connectionId);
      if (connection !== undefined) follow(connection, new Set(watched));
    },

    watchers: async (account, userId) => [...new Set(watchers.get(presenceKey(account, userId))?.values())],

    of(account, userId) {
      const person = people.get(presenceKey(account, userId));
      return person === undefined ? [] : devicesOf(person);
    },

    person: (account, userId) => people.get(presenceKey(account, userId)),
    people: () => people.values(),

    drop(person) {
      const key = presenceKey(person.account, person.userId);
      if (person.devices.size === 0 && people.get(key) === person) people.delete(key);
    },

    leave() {
      for (const connection of connections.values()) follow(connection, nobody);
      connections.clear();
      for (const person of people.values()) for (const [sessionId, device] of person.devices) forget(person, sessionId, device);
    },
  };
}
