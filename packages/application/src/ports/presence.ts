import type { AccountId, Instant, SessionId, UserId } from '@coucou/domain/kernel/ids';
import type { DevicePresence, DeviceType } from '@coucou/domain/presence/presence';
import { token } from '../kernel/token.ts';

export type PresentDevice = Readonly<{ account: AccountId; userId: UserId; sessionId: SessionId; type: DeviceType }>;

/** The devices of one user after their overall status changed; `at`: when it did. */
export type PresenceChange = Readonly<{ account: AccountId; userId: UserId; devices: readonly DevicePresence[]; at: Instant }>;

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
  /** Those of the users who have devices here. */
  of(account: AccountId, userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, readonly DevicePresence[]>>;
  /** A connection subscribes to exactly these users of its account; unknown ones are ignored. */
  watch(connectionId: string, watched: readonly UserId[]): void;
  /** Users with a connection that subscribed to this user. */
  watchers(account: AccountId, userId: UserId): Promise<readonly UserId[]>;
}
export const PresenceRegistry = token<PresenceRegistry>('PresenceRegistry');
