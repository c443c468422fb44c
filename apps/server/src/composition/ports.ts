import { ConversationReader } from '@coucou/application/conversations/conversation-reader';
import type { Token } from '@coucou/application/kernel/token';
import { MessageReader } from '@coucou/application/messages/message-reader';
import { AccountDirectory } from '@coucou/application/ports/accounts';
import { Clock } from '@coucou/application/ports/clock';
import { Ids } from '@coucou/application/ports/ids';
import { LiveEvents } from '@coucou/application/ports/live-events';
import { Memberships } from '@coucou/application/ports/memberships';
import { MessageLog } from '@coucou/application/ports/message-log';
import { PasswordHasher } from '@coucou/application/ports/password-hasher';
import { PostingSnapshots } from '@coucou/application/ports/posting-snapshots';
import { Settings } from '@coucou/application/ports/settings';
import { AccessTokens, OpaqueTokens } from '@coucou/application/ports/tokens';
import { UnitOfWork } from '@coucou/application/ports/unit-of-work';
import { SyncReader } from '@coucou/application/sync/sync-reader';
import { systemClock } from '@coucou/infrastructure/memory/clock';
import { createIds } from '@coucou/infrastructure/memory/ids';
import type { Storage } from '@coucou/infrastructure/postgres/storage';
import { opaqueTokens } from '@coucou/infrastructure/security/opaque-tokens';
import { createPasswordHasher } from '@coucou/infrastructure/security/password-hasher';
import { type Container, createContainer } from './container.ts';

/** A port of one's own in the place of the real one: a clock that a test moves, a hasher that fails. */
export type Override = (container: Container) => void;

/** @public Tests name the ports they replace. */
export const override =
  <Value>(token: Token<Value>, value: Value): Override =>
  (container) =>
    container.provide(token, () => value);

export type Adapters = Readonly<{
  storage: Storage;
  live: LiveEvents;
  access: AccessTokens;
  settings: Settings;
}>;

/** Hashing two at a time leaves a core, and threads of the pool, to everybody else. */
const HASHES_AT_ONCE = 2;

/** Which adapter serves which port. */
export function providePorts({ storage, live, access, settings }: Adapters, overrides: readonly Override[] = []): Container {
  const container = createContainer();
  container.provide(Clock, () => systemClock);
  container.provide(Ids, createIds);
  container.provide(Settings, () => settings);
  container.provide(UnitOfWork, () => storage.uow);
  container.provide(MessageLog, () => storage.messageLog);
  container.provide(PostingSnapshots, () => storage.postingSnapshots);
  container.provide(ConversationReader, () => storage.conversationReader);
  container.provide(MessageReader, () => storage.messageReader);
  container.provide(SyncReader, () => storage.syncReader);
  container.provide(AccountDirectory, () => storage.accounts);
  container.provide(Memberships, () => storage.memberships);
  container.provide(LiveEvents, () => live);
  container.provide(AccessTokens, () => access);
  container.provide(OpaqueTokens, () => opaqueTokens);
  container.provide(PasswordHasher, () => createPasswordHasher({ concurrency: HASHES_AT_ONCE }));
  for (const apply of overrides) apply(container);
  return container;
}
