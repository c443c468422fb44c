import type { Notification } from '@coucou/domain/notifications/notification';
import { token } from '../kernel/token.ts';

/** Channels to reach a user who is away. */
export type Channel = 'push' | 'email';

/**
 * Delivers notifications to users who are away. At least once: the same notification, by its id, may come again. Throws when it
 * could not be delivered; it is then retried.
 */
export interface Notifier {
  notify(notification: Notification, channels: readonly Channel[]): Promise<void>;
}
export const Notifier = token<Notifier>('Notifier');
