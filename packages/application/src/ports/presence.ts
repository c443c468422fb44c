import type { AccountId, Instant, SessionId, UserId } from '@coucou/domain/kernel/ids';
import type { DevicePresence, DeviceType } from '@coucou/domain/presence/presence';
import { token } from '../kernel/token.ts';
import type { Clock } from './clock.ts';
import type { EventBus } from './event-bus.ts';

export type PresentDevice = Readonly<{ account: AccountId; userId: UserId; sessionId: SessionId; type: DeviceType }>;

/** The devices of one user after their overall status changed; `at`: when it did. */
export type PresenceChange = Readonly<{
  account: AccountId;
  userId: UserId;
  devices: readonly DevicePresence[];
  at: Instant;
  /** Rises with the changes of one user on all nodes; 0: decided by a node that reaches no other. Absent where there is one node. */
  order?: number;
}>;

/**
 * Which devices are online. A client's status and its presence subscriptions are state of its connection and end with it: a device is
 * away when all of its connections are. A device is online while it has a connection and for a few seconds after its last one closed, so that a change
 * of network goes unnoticed. The registry's creator is notified of users whose overall status changed.
 */
export interface PresenceRegistry {
  /** Connection ids are unique among all connections. */
  connected(device: PresentDevice, connectionId: string): void;
  disconnected(connectionId: string): void;
  /** Sets a connection active or idle; unknown ones are ignored. */
  set(connectionId: string, status: 'online' | 'away'): void;
  /** Those of the users who have devices, on any node. */
  of(account: AccountId, userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, readonly DevicePresence[]>>;
  /** A connection subscribes to exactly these users of its account; unknown ones are ignored. */
  watch(connectionId: string, watched: readonly UserId[]): void;
  /** Users with a connection on this node that subscribed to this user. */
  watchers(account: AccountId, userId: UserId): Promise<readonly UserId[]>;
}
export const PresenceRegistry = token<PresenceRegistry>('PresenceRegistry');

/** Events that reach the sockets of one node. */
export type HeardEvents = Omit<EventBus, 'publish'>;

/** The registry of a node, for what feeds it and what stops it. */
export type NodePresence = PresenceRegistry &
  Readonly<{
    /** What of these events is for the sockets of this node: of several nodes, no change of presence that is older than one they know. One listener. */
    heard: (bus: HeardEvents) => HeardEvents;
    /** Resolves when no change is being published; devices in their grace period count as online. */
    settled(): Promise<void>;
    /** Publishes everyone as offline, or leaves that to other nodes, and resolves when that is done. */
    close(): Promise<void>;
  }>;

export type PresenceOptions = Readonly<{
  clock: Clock;
  /** How long a device stays online after its last connection closed; default 4 s. */
  graceMs?: number;
  /** Announces changes of one account; the next batch waits until it resolves. It must not reject. */
  onChanges: (changes: readonly PresenceChange[], by: PresenceDecision) => Promise<void>;
  /** Another node announced this change, to `told` among others: tells subscribers on this node. It must not reject. */
  onHeard?: (change: PresenceChange, told: ReadonlySet<UserId>) => Promise<void>;
}>;

/**
 * How a change came about. `decided`: by this node, once on all nodes, which stores and announces it. `repeated`: this node decided and stored it
 * while it reached no other, and now announces it to all. `missed`: another node decided, stored and announced it, and this one did not hear of it.
 */
export type PresenceDecision = 'decided' | 'repeated' | 'missed';
