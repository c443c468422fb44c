import { asId } from '@coucou/domain/kernel/ids';
import { type DevicePresence, type DeviceType, Presence, type PresenceStatus } from '@coucou/domain/presence/presence';

const letters = { online: 'o', away: 'a', offline: '' } as const satisfies Record<PresenceStatus, string>;
const statuses: Readonly<Record<string, PresenceStatus>> = { o: 'online', a: 'away' };
const types: Readonly<Record<string, DeviceType>> = { browser: 'browser', mobile: 'mobile', desktop: 'desktop', other: 'other' };

export const letterOf = (status: PresenceStatus): string => letters[status];
export const statusOfLetter = (letter: string | undefined): PresenceStatus => statuses[letter ?? ''] ?? 'offline';

/** A person's devices on one node as Redis keeps them; empty for none. */
export function entryOf(devices: readonly DevicePresence[]): string {
  if (devices.length === 0) return '';
  return letterOf(Presence.statusOf(devices)) + devices.map(({ id, type, status }) => `${letterOf(status)}:${type}:${id}`).join();
}

/** What cannot be read is no device. */
export const devicesOfEntry = (entry: string): DevicePresence[] =>
  entry
    .slice(1)
    .split(',')
    .flatMap((text) => {
      const [letter, type = '', id = ''] = text.split(':');
      const status = statusOfLetter(letter);
      return id === '' || status === 'offline' ? [] : [{ id: asId<'session'>(id), type: types[type] ?? 'other', status }];
    });

/** A device that is connected to several nodes is as present as on the most present of them. */
export function mergeDevices(...lists: readonly (readonly DevicePresence[])[]): DevicePresence[] {
  const merged = new Map<string, DevicePresence>();
  for (const device of lists.flat()) {
    const other = merged.get(device.id);
    merged.set(device.id, other === undefined ? device : { ...other, status: Presence.statusOf([other, device]) });
  }
  return [...merged.values()];
}
