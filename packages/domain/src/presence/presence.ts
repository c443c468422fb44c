import type { Instant, SessionId, UserId } from '../kernel/ids.ts';

export type PresenceStatus = 'online' | 'away' | 'offline';
export type DeviceType = 'browser' | 'mobile' | 'desktop' | 'other';

/** A device is a session: all connections of one session are one device, which is as present as its most present connection. */
export type DevicePresence = Readonly<{ id: SessionId; type: DeviceType; status: PresenceStatus }>;

export type Presence = Readonly<{
  userId: UserId;
  status: PresenceStatus;
  /** When the last device went; undefined while one is there, and for those who were never seen. */
  lastSeenAt: Instant | undefined;
  devices: readonly DevicePresence[];
}>;

/** A person is as present as their most present device. */
function statusOf(devices: readonly Pick<DevicePresence, 'status'>[]): PresenceStatus {
  if (devices.some(({ status }) => status === 'online')) return 'online';
  return devices.some(({ status }) => status === 'away') ? 'away' : 'offline';
}

/** By the words of its user agent; a hint for a person's own list of devices and for nothing else. */
function deviceTypeOf(userAgent: string): DeviceType {
  if (/electron|tauri/i.test(userAgent)) return 'desktop';
  if (/android|iphone|ipad|mobile|dart|okhttp|cfnetwork/i.test(userAgent)) return 'mobile';
  return /mozilla/i.test(userAgent) ? 'browser' : 'other';
}

/** To others: nothing about devices. */
const shared = (presence: Presence): Presence => ({ ...presence, devices: [] });

export const Presence = { statusOf, deviceTypeOf, shared };
