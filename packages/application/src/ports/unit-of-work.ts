import type { AttachmentRepository } from '@coucou/domain/attachments/attachment-repository';
import type { SessionRepository } from '@coucou/domain/auth/session-repository';
import type { BlockRepository } from '@coucou/domain/blocks/block-repository';
import type { BanRepository } from '@coucou/domain/conversations/ban-repository';
import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import type { InviteRepository } from '@coucou/domain/conversations/invite-repository';
import type { MembershipRepository } from '@coucou/domain/conversations/membership-repository';
import type { DomainEvent } from '@coucou/domain/domain-event';
import type { FriendRequestRepository, FriendshipRepository } from '@coucou/domain/friends/friend-repository';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { PreferenceRepository } from '@coucou/domain/preferences/preferences';
import type { RelationRepository } from '@coucou/domain/users/relation-repository';
import type { MessageRepository } from '@coucou/domain/messages/message-repository';
import type { ReportRepository, SuspensionRepository, WordRuleRepository } from '@coucou/domain/moderation/moderation-repository';
import type { NotificationRepository } from '@coucou/domain/notifications/notification-repository';
import type { MessageSearchRepository } from '@coucou/domain/messages/message-search-repository';
import type { DraftRepository } from '@coucou/domain/drafts/draft';
import type { ThreadRepository } from '@coucou/domain/messages/thread-repository';
import type { FeedRepository } from '@coucou/domain/users/feed-repository';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import { token } from '../kernel/token.ts';
import type { SystemRepository } from './system-repository.ts';

/** Repositories exist inside a unit of work only. A package with tables of its own adds to this interface by declaration merging. */
export interface Repositories {
  readonly users: UserRepository;
  readonly feeds: FeedRepository;
  readonly sessions: SessionRepository;
  readonly conversations: ConversationRepository;
  readonly messages: MessageRepository;
  readonly threads: ThreadRepository;
  readonly drafts: DraftRepository;
  readonly messageSearch: MessageSearchRepository;
  readonly reports: ReportRepository;
  readonly wordRules: WordRuleRepository;
  readonly suspensions: SuspensionRepository;
  readonly notifications: NotificationRepository;
  readonly attachments: AttachmentRepository;
  readonly relations: RelationRepository;
  readonly friendRequests: FriendRequestRepository;
  readonly friendships: FriendshipRepository;
  readonly blocks: BlockRepository;
  readonly preferences: PreferenceRepository;
  readonly memberships: MembershipRepository;
  readonly bans: BanRepository;
  readonly invites: InviteRepository;
}

export type Writing = Repositories & {
  /** Durable consequences are stored with the transaction; live ones are published after its commit, in order. */
  emit(...events: readonly DomainEvent[]): void;
};

/** Why code may look across accounts; each reason has its own tested allow-list of tables. */
export type SystemReason = 'authenticate' | 'signing-keys' | 'outbox' | 'accounts' | 'files';

/**
 * Transactions. Every statement inside sees one account only (row-level security). Work may be run again after a deadlock or a
 * serialisation failure: it must have no effect but through its repositories. A unit of work inside another throws.
 */
export interface UnitOfWork {
  read<T>(account: AccountId, work: (tx: Repositories) => Promise<T>): Promise<T>;
  write<T>(account: AccountId, work: (tx: Writing) => Promise<T>): Promise<T>;
  /** Without an account, under a role that reaches only what the reasons need. */
  system<T>(reason: SystemReason, work: (tx: SystemRepository) => Promise<T>): Promise<T>;
}
export const UnitOfWork = token<UnitOfWork>('UnitOfWork');
