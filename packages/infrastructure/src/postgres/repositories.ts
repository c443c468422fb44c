import { createAttachmentRepository } from './attachments.ts';
import { createBanRepository } from './bans.ts';
import { createBlockRepository } from './blocks.ts';
import { createConversationRepository } from './conversations.ts';
import { createDraftRepository } from './drafts.ts';
import { createFeedRepository } from './feeds.ts';
import { createFriendRequestRepository } from './friends.ts';
import { createFriendshipRepository } from './friends.ts';
import { createInviteRepository } from './invites.ts';
import { createMessageSearchRepository } from './message-search.ts';
import { createMessageRepository } from './messages.ts';
import { createReportRepository } from './moderation.ts';
import { createWordRuleRepository } from './moderation.ts';
import { createSuspensionRepository } from './moderation.ts';
import { createNotificationRepository } from './notifications.ts';
import { createMembershipRepository } from './own-memberships.ts';
import { createPreferenceRepository } from './preferences.ts';
import { createRelationRepository } from './relations.ts';
import { createSessionRepository } from './sessions.ts';
import { createThreadRepository } from './threads.ts';
import { createUserRepository } from './users.ts';
import type { UnitOfWorkOptions } from './unit-of-work.ts';

/** Which adapter serves which repository of a unit of work. */
export const repositories: UnitOfWorkOptions['repositories'] = {
  attachments: createAttachmentRepository,
  users: createUserRepository,
  feeds: createFeedRepository,
  sessions: createSessionRepository,
  conversations: createConversationRepository,
  relations: createRelationRepository,
  friendRequests: createFriendRequestRepository,
  friendships: createFriendshipRepository,
  blocks: createBlockRepository,
  preferences: createPreferenceRepository,
  messages: createMessageRepository,
  threads: createThreadRepository,
  drafts: createDraftRepository,
  messageSearch: createMessageSearchRepository,
  reports: createReportRepository,
  wordRules: createWordRuleRepository,
  suspensions: createSuspensionRepository,
  notifications: createNotificationRepository,
  memberships: createMembershipRepository,
  bans: createBanRepository,
  invites: createInviteRepository,
};
