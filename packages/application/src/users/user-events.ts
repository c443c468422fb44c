import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { User } from '@coucou/domain/users/user';
import { type Audience, devices } from '../kernel/audience.ts';
import { type EventOf, event } from '../kernel/event.ts';

/**
 * An entry of a user's own feed: what concerns them alone (blocks, hides, own marks, drafts, preferences, requests …). The unit of
 * work numbers it at its commit, without gaps, and every entry is one `user:event` on all of their devices. The payload is what
 * `sync` answers later: ids and plain values.
 */
export const feedEntryAdded = event<{
  userId: UserId;
  kind: string;
  payload: Readonly<Record<string, unknown>>;
  /** Given by the unit of work. */
  userVersion?: number;
}>()({
  type: 'user.event',
  tells: ['user:event'],
  audience: ({ userId, userVersion }) => [
    {
      event: 'user:event',
      to: { kind: 'devices', userId },
      ...(userVersion === undefined ? {} : { reached: { userId, userVersion } }),
    },
  ],
});
export type FeedEntryAdded = EventOf<typeof feedEntryAdded>;

/**
 * A profile changed. `to`: acquaintances, on all of their sockets; others only on sockets that watch one of these conversations of the
 * user, and not across a block.
 */
export const userUpdated = event<{
  user: User;
  to: readonly UserId[];
  conversationIds: readonly ConversationId[];
  across: readonly UserId[];
}>()({
  type: 'user.updated',
  tells: ['user:updated'],
  audience: ({ user, to, conversationIds, across }) => {
    const watchers: Audience = { kind: 'watchers', conversationIds, except: [user.id, ...to, ...across], lossy: false };
    return [...devices(user.id, ...to), watchers].map((each) => ({ event: 'user:updated', to: each }));
  },
  fact: ({ user }) => ({ userId: user.id }),
});
