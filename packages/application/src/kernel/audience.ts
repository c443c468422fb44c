import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { DevicePresence } from '@coucou/domain/presence/presence';
import type { AccessChange } from '../ports/session-checks.ts';

export type Audience =
  /**
   * Every member of the conversation, as of `accessVersion`: a room reconciled at an older one reloads its members first. `whole`: this
   * event carries everything that changed in that access version, so a room that is one behind is up to date after applying it.
   */
  | Readonly<{ kind: 'conversation'; conversationId: ConversationId; accessVersion: number; whole?: boolean }>
  /**
   * All devices of one user, who follow the conversation from now on. `joinedVersion`: the conversation's version at which the user joined; events of
   * earlier versions that arrive later are not delivered to them.
   */
  | Readonly<{
      kind: 'person';
      userId: UserId;
      conversationId: ConversationId;
      follows: true;
      accessVersion: number;
      joinedVersion: number;
    }>
  /** All devices of one user, who no longer follow the conversation. */
  | Readonly<{ kind: 'person'; userId: UserId; conversationId: ConversationId; follows: false; accessVersion: number }>
  /** Watchers of any of the conversations, each once, except those of some users. `lossy`: may be dropped for a slow client. */
  | Readonly<{ kind: 'watchers'; conversationIds: readonly ConversationId[]; except: readonly UserId[]; lossy: boolean }>
  /**
   * Every member of the conversation, except some: of what has no version and may be dropped. A room older than `accessVersion` drops it
   * instead of waiting.
   */
  | Readonly<{ kind: 'members'; conversationId: ConversationId; except: readonly UserId[]; accessVersion: number }>
  /** Watchers of the account's inbox. */
  | Readonly<{ kind: 'inbox' }>
  /** All devices of one user. */
  | Readonly<{ kind: 'devices'; userId: UserId }>
  /** The sockets whose access has ended, which every node closes (`SessionChecks`). */
  | Readonly<{ kind: 'access'; change: AccessChange }>
  /** The registries of all nodes (`PresenceRegistry`), which tell the subscribers of a user on their own. */
  | Readonly<{ kind: 'presence'; change: SharedPresence }>;

/** A change of presence as nodes tell it to each other. `at`: RFC 3339; `order`: see `PresenceChange`. */
export type SharedPresence = Readonly<{ userId: UserId; devices: readonly DevicePresence[]; at: string; order: number }>;

/** Counters that a recipient has caught up with once an announcement reached it; `heads` are not needed for these. */
export type Reached =
  | Readonly<{ conversationId: ConversationId; receiptsVersion: number }>
  | Readonly<{ userId: UserId; userVersion: number }>;

/** One recipient group of an event, and the name that the event has for it on the wire. */
export type Announcement<Name extends string = string> = Readonly<{ event: Name; to: Audience; reached?: Reached }>;

export const devices = (...userIds: readonly UserId[]): Audience[] => userIds.map((userId) => ({ kind: 'devices', userId }));

export const room = (conversationId: ConversationId, accessVersion: number): Audience => ({
  kind: 'conversation',
  conversationId,
  accessVersion,
});
