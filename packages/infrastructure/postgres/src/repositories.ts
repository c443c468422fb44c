import { createAttachmentRepository } from './attachments/attachment-repository.ts';
import { createBanRepository } from './conversations/ban-repository.ts';
import { createBlockRepository } from './blocks/block-repository.ts';
import { createConversationRepository } from './conversations/conversation-repository.ts';
import { createDraftRepository } from './drafts/draft-repository.ts';
import { createFeedRepository } from './users/feed-repository.ts';
import { createFriendRequestRepository } from './friends/friend-repositories.ts';
import { createFriendshipRepository } from './friends/friend-repositories.ts';
import { createInviteRepository } from './conversations/invite-repository.ts';
import { createMessageSearchRepository } from './messages/message-search-repository.ts';
import { createMessageRepository } from './messages/message-repository.ts';
import { createReportRepository } from './moderation/moderation-repositories.ts';
import { createWordRuleRepository } from './moderation/moderation-repositories.ts';
import { createSuspensionRepository } from './moderation/moderation-repositories.ts';
import { createNotificationRepository } from './notifications/notification-repository.ts';
import { createMembershipRepository } from './conversations/membership-repository.ts';
import { createPreferenceRepository } from './preferences/preference-repository.ts';
import { createRelationRepository } from './users/relation-repository.ts';
import { createSessionRepository } from './auth/session-repository.ts';
import { createThreadRepository } from './threads/thread-repository.ts';
import { createUserRepository } from './users/user-repository.ts';
import type { UnitOfWorkOptions } from './kit/unit-of-work.ts';

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
