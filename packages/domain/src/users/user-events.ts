import type { UserId } from '../kernel/ids.ts';
import type { User } from './user.ts';

/**
 * An entry of a person's own feed: what concerns them alone (blocks, hides, own marks, drafts, preferences, requests …). The unit of
 * work numbers it at its commit, without gaps, and every entry is one `user:event` on all of their devices. The payload is what
 * `sync` answers later: ids and plain values.
 */
export type UserFeedEvent = Readonly<{
  type: 'user.event';
  userId: UserId;
  kind: string;
  payload: Readonly<Record<string, unknown>>;
  /** Given by the unit of work. */
  userVersion?: number;
}>;

/** A profile changed; `to` are those outside every room who are told. */
export type UserUpdatedEvent = Readonly<{ type: 'user.updated'; user: User; to: readonly UserId[] }>;
