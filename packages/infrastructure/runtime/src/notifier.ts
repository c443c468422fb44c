import type { Channel, Notifier } from '@coucou/application/ports/notifier';
import type { Notification } from '@coucou/domain/notifications/notification';

export type Told = Readonly<{ notification: Notification; channels: readonly Channel[] }>;

/** Records the newest notifications, each once, for servers without a delivery channel. */
export function createNotifierRecorder(most = 1_000): Notifier & Readonly<{ told: readonly Told[] }> {
  const told: Told[] = [];
  return {
    told,
    async notify(notification, channels) {
      if (told.some((one) => one.notification.id === notification.id)) return;
      told.push({ notification, channels });
      if (told.length > most) told.shift();
    },
  };
}
