import type { SessionSettings } from '@coucou/application/auth/session-settings';
import type { SignInLimits } from '@coucou/application/auth/sign-in-limits';
import type { GroupSizes } from '@coucou/application/conversations/group-sizes';
import type { FriendSizes } from '@coucou/application/friends/friend-sizes';
import type { MessageSettings } from '@coucou/application/messages/message-settings';
import { limits } from '@coucou/domain/kernel/limits';

type Configured = MessageSettings & GroupSizes & FriendSizes & SessionSettings & SignInLimits;

/** What an operator configured; a test may change it at any time. */
export type Settings = { -readonly [Key in keyof Configured]: Configured[Key] };

/** As without any configuration, but for the limits of signing in: there are none. */
export const defaultSettings = (): Settings => ({
  refreshTokenTtlSeconds: 604_800,
  refreshGraceSeconds: 10,
  editWindowSeconds: undefined,
  deleteWindowSeconds: undefined,
  mostText: limits.messageText,
  mostData: limits.customData,
  mostAttachments: limits.attachments,
  mostReactions: limits.reactionKinds,
  mostMembers: limits.groupMembers,
  mostGroupsOwned: limits.groupsOwned,
  mostFriends: limits.friends.most,
  mostPending: limits.friends.pending,
  guesses: [],
  signups: [],
});
