import type { AccountId, Instant, SessionId, UserId } from '@coucou/domain/kernel/ids';
import type { DevicePresence, DeviceType } from '@coucou/domain/presence/presence';
import { token } from '../kernel/token.ts';

export type PresentDevice = Readonly<{ account: AccountId; userId: UserId; sessionId: SessionId; type: DeviceType }>;

/** The devices of one person after their status changed as a whole; `at` is when it did. */
export type PresenceChange = Readonly<{ account: AccountId; userId: UserId; devices: readonly DevicePresence[]; at: Instant }>;

/**
 * Which devices are there. A device is there while it has a connection and for a few seconds after its last one went, so that a change
 * of network goes unnoticed. Whoever makes the registry is told of people whose status changed as a whole, and of nothing else.
 */
export interface PresenceRegistry {
  /** Connection ids are unique among all connections. */
  connected(device: PresentDevice, connectionId: string): void;
  disconnected(connectionId: string): void;
  /** What a device says of its own use; ignored while it has no connection. */
  set(account: AccountId, userId: UserId, sessionId: SessionId, status: 'online' | 'away'): void;
  /** Those of the people who have devices here. */
  of(account: AccountId, userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, readonly DevicePresence[]>>;
  /** A device follows these people, and no others any more, until it goes; ignored while it has no connection. */
  watch(account: AccountId, userId: UserId, sessionId: SessionId, watched: readonly UserId[]): void;
  /** People with a device that follows this person. */
  watchers(account: AccountId, userId: UserId): Promise<readonly UserId[]>;
}
export const PresenceRegistry = token<PresenceRegistry>('PresenceRegistry');
