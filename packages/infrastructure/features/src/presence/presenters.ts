import type { Presence as WirePresence } from '@coucou/contracts/presence/presence';
import type { Presence } from '@coucou/domain/presence/presence';
import type { z } from 'zod';

export const presentPresence = (presence: Presence): z.infer<typeof WirePresence> => ({
  userId: presence.userId,
  status: presence.status,
  lastSeenAt: presence.lastSeenAt?.toISOString(),
  devices: presence.devices.length === 0 ? undefined : presence.devices.map(({ id, type, status }) => ({ id, type, status })),
});

export const presentPresences = ({ items }: Readonly<{ items: readonly Presence[] }>) => ({ items: items.map(presentPresence) });
