import { AttachmentReader } from '@coucou/application/attachments/attachment-reader';
import { ConversationReader } from '@coucou/application/conversations/conversation-reader';
import { BlockReader } from '@coucou/application/blocks/block-reader';
import { InviteReader } from '@coucou/application/conversations/invite-reader';
import { FriendReader } from '@coucou/application/friends/friend-reader';
import { type Token, token } from '@coucou/application/kernel/token';
import { MessageReader } from '@coucou/application/messages/message-reader';
import { WordLists } from '@coucou/application/moderation/word-lists';
import { NotificationReader } from '@coucou/application/notifications/notification-reader';
import { Notifier } from '@coucou/application/ports/notifier';
import { MessageSearcher } from '@coucou/application/messages/message-searcher';
import { AccountDirectory } from '@coucou/application/ports/accounts';
import { Clock } from '@coucou/application/ports/clock';
import { Ids } from '@coucou/application/ports/ids';
import { LiveEvents } from '@coucou/application/ports/live-events';
import { HeadReader } from '@coucou/application/ports/head-reader';
import { Memberships } from '@coucou/application/ports/memberships';
import { MessageLog } from '@coucou/application/ports/message-log';
import { PasswordHasher } from '@coucou/application/ports/password-hasher';
import { PostingSnapshots } from '@coucou/application/ports/posting-snapshots';
import { PresenceRegistry } from '@coucou/application/ports/presence';
import { RateLimiter } from '@coucou/application/ports/rate-limiter';
import { ReceiptLog } from '@coucou/application/ports/receipt-log';
import { ReceiptReader } from '@coucou/application/receipts/receipt-reader';
import { Settings } from '@coucou/application/ports/settings';
import { ThreadReader } from '@coucou/application/threads/thread-reader';
import { TypingContexts, TypingThrottle } from '@coucou/application/ports/typing';
import { AccessTokens, OpaqueTokens } from '@coucou/application/ports/tokens';
import { UnitOfWork } from '@coucou/application/ports/unit-of-work';
import { announcePresence } from '@coucou/application/presence/announce-presence';
import { PeopleReader } from '@coucou/application/users/people-reader';
import { Watching } from '@coucou/application/ports/watching';
import { SyncReader } from '@coucou/application/sync/sync-reader';
import { systemClock } from '@coucou/runtime/clock';
import { createNotifierRecorder } from '@coucou/runtime/notifier';
import { createIds } from '@coucou/runtime/ids';
import { createMemoryPresence, type MemoryPresence } from '@coucou/runtime/presence';
import { createRateLimiter } from '@coucou/runtime/rate-limiter';
import { createTypingThrottle } from '@coucou/runtime/typing-throttle';
import type { Storage } from '@coucou/postgres/storage';
import { opaqueTokens } from '@coucou/security/opaque-tokens';
import { createPasswordHasher } from '@coucou/security/password-hasher';
import { type Container, createContainer } from './container.ts';
import { createLateWatching } from './late-watching.ts';

/** A port of one's own in the place of the real one: a clock that a test moves, a hasher that fails. */
export type Override = (container: Container) => void;

/** @public Tests name the ports they replace. */
export const override =
  <Value>(port: Token<Value>, value: Value): Override =>
  (container) =>
    container.provide(port, () => value);

export type Adapters = Readonly<{
  storage: Storage;
  live: LiveEvents;
  access: AccessTokens;
  settings: Settings;
  /** Absent where nobody can be connected. */
  watching?: Watching;
  /** Someone's coming or going could not be told. */
  onPresenceError?: (error: unknown) => void;
}>;

/** The registry of this node, for what feeds it and what stops it. */
export const LocalPresence = token<MemoryPresence>('LocalPresence');

/** Hashing two at a time leaves a core, and threads of the pool, to everybody else. */
const HASHES_AT_ONCE = 2;

/** Which adapter serves which port. */
export function providePorts(
  { storage, live, access, settings, watching, onPresenceError = () => {} }: Adapters,
  overrides: readonly Override[] = [],
): Container {
  const container = createContainer();
  container.provide(Clock, () => systemClock);
  container.provide(Ids, createIds);
  container.provide(Settings, () => settings);
  container.provide(UnitOfWork, () => storage.uow);
  container.provide(MessageLog, () => storage.messageLog);
  container.provide(ReceiptLog, () => storage.receiptLog);
  container.provide(ThreadReader, () => storage.threadReader);
  container.provide(TypingContexts, () => storage.typingContexts);
  container.provide(TypingThrottle, () => createTypingThrottle());
  container.provide(ReceiptReader, () => storage.receiptReader);
  container.provide(PostingSnapshots, () => storage.postingSnapshots);
  container.provide(AttachmentReader, () => storage.attachmentReader);
  container.provide(ConversationReader, () => storage.conversationReader);
  container.provide(InviteReader, () => storage.inviteReader);
  container.provide(RateLimiter, createRateLimiter);
  container.provide(Watching, () => watching ?? createLateWatching());
  container.provide(MessageReader, () => storage.messageReader);
  container.provide(MessageSearcher, () => storage.messageSearcher);
  container.provide(WordLists, () => storage.wordLists);
  container.provide(NotificationReader, () => storage.notificationReader);
  container.provide(Notifier, () => createNotifierRecorder());
  container.provide(PeopleReader, () => storage.peopleReader);
  container.provide(FriendReader, () => storage.friendReader);
  container.provide(BlockReader, () => storage.blockReader);
  container.provide(SyncReader, () => storage.syncReader);
  container.provide(AccountDirectory, () => storage.accounts);
  container.provide(Memberships, () => storage.memberships);
  container.provide(HeadReader, () => storage.headReader);
  container.provide(LiveEvents, () => live);
  container.provide(AccessTokens, () => access);
  container.provide(OpaqueTokens, () => opaqueTokens);
  container.provide(PasswordHasher, () => createPasswordHasher({ concurrency: HASHES_AT_ONCE }));
  container.provide(LocalPresence, (resolve) =>
    createMemoryPresence({
      clock: resolve(Clock),
      onChanges: (changes) =>
        announcePresence(
          { uow: resolve(UnitOfWork), live: resolve(LiveEvents), registry: resolve(PresenceRegistry), memberships: resolve(Memberships) },
          changes,
        ).catch(onPresenceError),
    }),
  );
  container.provide(PresenceRegistry, (resolve) => resolve(LocalPresence));
  for (const apply of overrides) apply(container);
  return container;
}
