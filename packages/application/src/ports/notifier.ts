import type { Notification } from '@coucou/domain/notifications/notification';
import { token } from '../kernel/token.ts';

/** Ways to reach a person who is not looking. */
export type Channel = 'push' | 'email';

/**
 * Tells people of what happened while they are away. At least once: the same notification, by its id, may come again. Throws when it
 * could not be told; it is then tried again later.
 */
export interface Notifier {
  notify(notification: Notification, channels: readonly Channel[]): Promise<void>;
}
export const Notifier = token<Notifier>('Notifier');
