import type { Announced } from '@coucou/application/ports/event-bus';
import type { HeardEvents, PresenceChange } from '@coucou/application/ports/presence';
import { presenceKey } from '@coucou/application/presence/connected-devices';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { asId } from '@coucou/domain/kernel/ids';
import { type DevicePresence, Presence, type PresenceStatus } from '@coucou/domain/presence/presence';

/** What this node knows of a person, on whatever node they are. */
export type Known = {
  readonly account: AccountId;
  readonly userId: UserId;
  /** Their devices on this node as Redis has them; undefined when that is not known. */
  sent: string | undefined;
  /** The status decided last, by any node; when, and in which epoch of Redis. */
  told: PresenceStatus;
  toldOrder: number;
  epoch: string;
  /** It was decided by this node alone, while Redis was away. */
  isDecidedHere: boolean;
  /** Their status on other nodes, as of the last answer. */
  elsewhere: PresenceStatus;
  /** What the sockets of this node were told last, and when it was decided; undefined: nothing. */
  shown: PresenceStatus | undefined;
  order: number;
  devices: readonly DevicePresence[];
};

export type KnownPeople = Readonly<{
  of: (account: AccountId, userId: UserId) => Known;
  byKey: (key: string) => Known;
  find: (account: AccountId, userId: UserId) => Known | undefined;
  all: () => Iterable<Known>;
  /** Takes what Redis says of somebody for told. */
  show: (known: Known, devices: readonly DevicePresence[], order: number) => void;
  heard: (bus: HeardEvents) => HeardEvents;
  /** Forgets those who have been offline for a while, except who is `kept`. */
  fade: (isKept: (known: Known) => boolean) => void;
}>;

export type KnownPeopleOptions = Readonly<{
  now: () => number;
  onHeard: (change: PresenceChange, told: ReadonlySet<UserId>) => void;
}>;

/** Longer than an event is on its way: until then an older one is known for what it is. */
const REMEMBERED_MS = 30_000;

/** Everybody who is not offline, on any node: some 300 bytes each. */
export function createKnownPeople({ now, onHeard }: KnownPeopleOptions): KnownPeople {
  const people = new Map<string, Known>();
  /** Since when people are offline, the first first. */
  const fading = new Map<Known, number>();

  function of(account: AccountId, userId: UserId): Known {
    const key = presenceKey(account, userId);
    let known = people.get(key);
    if (known === undefined) {
      known = {
        account,
        userId,
        sent: '',
        told: 'offline',
        toldOrder: 0,
        epoch: '',
        isDecidedHere: false,
        elsewhere: 'offline',
        shown: undefined,
        order: 0,
        devices: [],
      };
      people.set(key, known);
    }
    fading.delete(known);
    fading.set(known, now());
    return known;
  }

  function show(known: Known, devices: readonly DevicePresence[], order: number): void {
    const status = Presence.statusOf(devices);
    known.shown = status;
    known.order = Math.max(known.order, order);
    known.devices = devices;
    if (order < known.toldOrder) return;
    known.told = status;
    known.toldOrder = order;
    known.isDecidedHere = false;
  }

  /** Whether the sockets of this node are to be told: not what they know, nor what is older than that. */
  function admits({ account, tellings }: Announced): boolean {
    for (const { to } of tellings) {
      if (to.kind !== 'presence') continue;
      const { userId, devices, order, at } = to.change;
      const known = of(account, userId);
      if (order > 0 && order < known.order) return false;
      const isNews = known.shown !== Presence.statusOf(devices);
      if (order > 0) show(known, devices, order);
      else Object.assign(known, { shown: Presence.statusOf(devices), devices });
      if (!isNews) return false;
      const told = tellings.flatMap((telling) => (telling.to.kind === 'devices' ? telling.to.userId : []));
      onHeard({ account, userId, devices, at: new Date(at), order }, new Set(told));
    }
    return true;
  }

  return {
    of,
    byKey(key) {
      const at = key.indexOf(':');
      return of(asId<'account'>(key.slice(0, at)), asId<'user'>(key.slice(at + 1)));
    },
    find: (account, userId) => people.get(presenceKey(account, userId)),
    all: () => people.values(),
    show,
    heard: (bus) => ({
      subscribe: (listener) =>
        bus.subscribe((announced) => {
          const admitted = announced.filter(admits);
          if (admitted.length > 0) listener(admitted);
        }),
      onRecovered: (listener) => bus.onRecovered(listener),
      isWhole: () => bus.isWhole(),
    }),
    fade(isKept) {
      const until = now() - REMEMBERED_MS;
      for (const [known, since] of fading) {
        if (since > until) return;
        fading.delete(known);
        if (isKept(known) || known.told !== 'offline' || known.shown === 'online' || known.shown === 'away') continue;
        people.delete(presenceKey(known.account, known.userId));
      }
    },
  };
}
