import { event } from '../kernel/event.ts';
import { counter } from '../kernel/types.ts';
import { feedFields } from './feed.ts';
import { User } from './user.ts';

export const userEvent = event('user:event', 'A new entry of your own feed, on all of your devices.', {
  userVersion: counter,
  ...feedFields,
});
export const userUpdated = event(
  'user:updated',
  'A friend, the peer of a direct conversation, or a member of a conversation that you watch changed their profile.',
  { user: User },
);
