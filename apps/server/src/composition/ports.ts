import type { Token } from '@coucou/application/kernel/token';
import { AccountDirectory } from '@coucou/application/ports/accounts';
import { Clock } from '@coucou/application/ports/clock';
import { Ids } from '@coucou/application/ports/ids';
import { LiveEvents } from '@coucou/application/ports/live-events';
import { MessageLog } from '@coucou/application/ports/message-log';
import { Notifier } from '@coucou/application/ports/notifier';
import { PasswordHasher } from '@coucou/application/ports/password-hasher';
import { RefusedPasswords } from '@coucou/application/ports/refused-passwords';
import { PresenceRegistry } from '@coucou/application/ports/presence';
import { RateLimiter } from '@coucou/application/ports/rate-limiter';
import { ReceiptLog } from '@coucou/application/ports/receipt-log';
import { AccessTokens, OpaqueTokens } from '@coucou/application/ports/tokens';
import { TypingThrottle } from '@coucou/application/ports/typing';
import { Transactions } from '@coucou/application/ports/unit-of-work';
import { Watching } from '@coucou/application/ports/watching';
import { announcePresence, announcePresencePorts } from '@coucou/application/presence/announce-presence';
import { token } from '@coucou/application/kernel/token';
import { commonPasswords } from '@coucou/domain/auth/common-passwords';
import type { Storage } from '@coucou/postgres/storage';
import { createConnections, type Connections } from '@coucou/realtime/connections';
import { createWatching } from '@coucou/realtime/watching';
import { systemClock } from '@coucou/runtime/clock';
import { createIds } from '@coucou/runtime/ids';
import { createNotifierRecorder } from '@coucou/runtime/notifier';
import { createMemoryPresence, type MemoryPresence } from '@coucou/runtime/presence';
import { createRateLimiter } from '@coucou/runtime/rate-limiter';
import { createTypingThrottle } from '@coucou/runtime/typing-throttle';
import { opaqueTokens } from '@coucou/security/opaque-tokens';
import { createPasswordHasher } from '@coucou/security/password-hasher';
import type { Config } from '../config.ts';
import { type Container, createContainer } from './container.ts';

/** Replaces a port: a clock that a test moves, a hasher that fails. */
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
  /** What features are configured with. */
  settings: Config['features'];
  /** Absent where nobody can be connected. */
  connections?: Connections;
  /** A change of presence could not be announced. */
  onPresenceError?: (error: unknown) => void;
}>;

/** The registry of this node, for what feeds it and what stops it. */
export const LocalPresence = token<MemoryPresence>('LocalPresence');

/** Hashing two at a time leaves a core, and threads of the pool, to everybody else. */
const HASHES_AT_ONCE = 2;

/** Which adapter serves which port. The features' readers come with the storage. */
export function providePorts(
  { storage, live, access, settings, connections = createConnections(), onPresenceError = () => {} }: Adapters,
  overrides: readonly Override[] = [],
): Container {
  const container = createContainer();
  container.provide(Clock, () => systemClock);
  container.provide(Ids, createIds);
  for (const { port, value } of settings) container.provide(port, () => value);
  container.provide(Transactions, () => storage.transactions);
  container.provide(MessageLog, () => storage.messageLog);
  container.provide(ReceiptLog, () => storage.receiptLog);
  container.provide(AccountDirectory, () => storage.accounts);
  for (const { token: port, make } of storage.readers) container.provide(port, make);
  container.provide(LiveEvents, () => live);
  container.provide(Watching, () => createWatching(connections));
  container.provide(AccessTokens, () => access);
  container.provide(OpaqueTokens, () => opaqueTokens);
  container.provide(RefusedPasswords, () => commonPasswords);
  container.provide(PasswordHasher, () => createPasswordHasher({ concurrency: HASHES_AT_ONCE }));
  container.provide(RateLimiter, createRateLimiter);
  container.provide(TypingThrottle, () => createTypingThrottle());
  container.provide(Notifier, () => createNotifierRecorder());
  container.provide(LocalPresence, (resolve) =>
    createMemoryPresence({
      clock: resolve(Clock),
      onChanges: (changes) => announcePresence(container.portsOf(announcePresencePorts), changes).catch(onPresenceError),
    }),
  );
  container.provide(PresenceRegistry, (resolve) => resolve(LocalPresence));
  for (const apply of overrides) apply(container);
  return container;
}
