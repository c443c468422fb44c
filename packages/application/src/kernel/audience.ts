import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';

export type Audience =
  /**
   * Every member of the conversation, as of `accessVersion`: a room reconciled at an older one reloads its members first. `whole`: this
   * event tells all that changed in that access version, so a room that is one behind is up to date once it has followed the event.
   */
  | Readonly<{ kind: 'conversation'; conversationId: ConversationId; accessVersion: number; whole?: boolean }>
  /** One person, on all devices, whose devices follow the conversation from now on, or no longer. */
  | Readonly<{ kind: 'person'; userId: UserId; conversationId: ConversationId; follows: boolean; accessVersion: number }>
  /** Sockets currently viewing the conversation, except those of some people. `lossy`: dropped for a client that cannot take it now. */
  | Readonly<{ kind: 'watchers'; conversationId: ConversationId; except: readonly UserId[]; lossy: boolean }>
  /** Those who watch the inbox of the whole account. */
  | Readonly<{ kind: 'inbox' }>
  /** One person, on all devices. */
  | Readonly<{ kind: 'devices'; userId: UserId }>;

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
