import { Attachments } from '@coucou/application/attachments/repositories';
import { OwnAccounts } from '@coucou/application/accounts/repositories';
import { AuditLog } from '@coucou/application/audit/audit-log';
import {
  ApiKeys,
  Claims,
  Credentials,
  Identities,
  Issuers,
  Passkeys,
  SecondFactors,
  Sessions,
} from '@coucou/application/auth/repositories';
import { Blocks } from '@coucou/application/blocks/repositories';
import { Bans, Conversations, Invites, Memberships } from '@coucou/application/conversations/repositories';
import { Drafts } from '@coucou/application/drafts/repositories';
import { FriendRequests, Friendships } from '@coucou/application/friends/repositories';
import { Messages, MessageIndex } from '@coucou/application/messages/repositories';
import { Reports, Suspensions, WordRules } from '@coucou/application/moderation/repositories';
import { Notifications } from '@coucou/application/notifications/repositories';
import { type Transactions, withRepositories } from '@coucou/application/ports/unit-of-work';
import { UserPreferences } from '@coucou/application/preferences/repositories';
import { Threads } from '@coucou/application/threads/repositories';
import { Feeds, HeldNames, UserAdministration, UserRelations, Users } from '@coucou/application/users/repositories';

/** A unit of work with every repository of the core: a test may look anywhere. */
export const everyRepository = (transactions: Transactions) =>
  withRepositories(transactions, {
    accounts: OwnAccounts,
    apiKeys: ApiKeys,
    attachments: Attachments,
    auditLog: AuditLog,
    bans: Bans,
    blocks: Blocks,
    claims: Claims,
    conversations: Conversations,
    credentials: Credentials,
    drafts: Drafts,
    feeds: Feeds,
    friendRequests: FriendRequests,
    friendships: Friendships,
    heldNames: HeldNames,
    identities: Identities,
    invites: Invites,
    issuers: Issuers,
    memberships: Memberships,
    messages: Messages,
    messageIndex: MessageIndex,
    notifications: Notifications,
    passkeys: Passkeys,
    preferences: UserPreferences,
    relations: UserRelations,
    reports: Reports,
    secondFactors: SecondFactors,
    sessions: Sessions,
    suspensions: Suspensions,
    threads: Threads,
    administration: UserAdministration,
    users: Users,
    wordRules: WordRules,
  });

export type TestUnitOfWork = ReturnType<typeof everyRepository>;
