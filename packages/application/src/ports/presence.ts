import type { AccountId, Instant, SessionId, UserId } from '@coucou/domain/kernel/ids';
import type { DevicePresence, DeviceType } from '@coucou/domain/presence/presence';
import { token } from '../kernel/token.ts';

export type PresentDevice = Readonly<{ account: AccountId; userId: UserId; sessionId: SessionId; type: DeviceType }>;

/** The devices of one user after their overall status changed; `at`: when it did. */
export type PresenceChange = Readonly<{ account: AccountId; userId: UserId; devices: readonly DevicePresence[]; at: Instant }>;

/**
 * Which devices are online. A device is online while it has a connection and for a few seconds after its last one closed, so that a change
 * of network goes unnoticed. The registry's creator is notified of users whose overall status changed.
 */
export interface PresenceRegistry {
  /** Connection ids are unique among all connections. */
  connected(device: PresentDevice, connectionId: string): void;
  disconnected(connectionId: string): void;
  /** Sets a device active or idle; ignored while it has no connection. */
  set(account: AccountId, userId: UserId, sessionId: SessionId, status: 'online' | 'away'): void;
  /** Those of the users who have devices here. */
  of(account: AccountId, userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, readonly DevicePresence[]>>;
  /** A device subscribes to exactly these users, until it disconnects; ignored while it has no connection. */
  watch(account: AccountId, userId: UserId, sessionId: SessionId, watched: readonly UserId[]): void;
  /** Users with a device that subscribed to this user. */
  watchers(account: AccountId, userId: UserId): Promise<readonly UserId[]>;
}
export const PresenceRegistry = token<PresenceRegistry>('PresenceRegistry');
