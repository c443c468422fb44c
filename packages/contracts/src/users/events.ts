import { event } from '../kernel/event.ts';
import { counter } from '../kernel/types.ts';
import { feedFields } from './feed.ts';
import { User } from './user.ts';

export const userEvent = event('user:event', 'A new entry of your own feed, on all of your devices.', {
  userVersion: counter,
  ...feedFields,
});
export const userUpdated = event('user:updated', 'Someone you know changed their profile.', { user: User });
