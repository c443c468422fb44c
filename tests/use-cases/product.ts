import type { Call, UserCall } from '@coucou/application/kernel/call';
import { type Deps, type Ports, type Resolve, resolvePorts, type Token } from '@coucou/application/kernel/token';
import type { UseCase } from '@coucou/application/kernel/use-case';
import { Clock } from '@coucou/application/ports/clock';
import { Hooks } from '@coucou/application/ports/hooks';
import { Ids } from '@coucou/application/ports/ids';
import { LiveEvents } from '@coucou/application/ports/live-events';
import { MessageLog } from '@coucou/application/ports/message-log';
import { PasswordHasher } from '@coucou/application/ports/password-hasher';
import { Settings } from '@coucou/application/ports/settings';
import { AccessTokens, OpaqueTokens } from '@coucou/application/ports/tokens';
import { Transactions } from '@coucou/application/ports/unit-of-work';
import type { DomainEvent } from '@coucou/application/kernel/event';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { openStorage } from '@coucou/postgres/storage';
import { createAccessTokens } from '@coucou/security/access-tokens';
import { opaqueTokens } from '@coucou/security/opaque-tokens';
import { createPasswordHasher } from '@coucou/security/password-hasher';
import { migratedImage } from '../support/image.ts';
import { createAccount, ids } from '../storage/world.ts';
import { coreCatalogue } from '../support/coucou.ts';
import { everyRepository } from '../support/repositories.ts';

export const SECRET = 'the tests keep no secrets: 32 bytes or more';

/** The use-cases on real adapters, without a transport: on PGlite in this process, or on a database by its URL. */
export async function openProduct(url?: string) {
  const events: DomainEvent[] = [];
  const live: LiveEvents = { publish: (_account, published) => void events.push(...published) };
  const storage = await openStorage({
    database: url === undefined ? { embedded: { load: await migratedImage() } } : { url },
    live,
    events: coreCatalogue.events,
    parts: coreCatalogue.storage,
  });
  const { transactions } = storage;
  const uow = everyRepository(transactions);
  const access = await createAccessTokens({ transactions, secret: SECRET, issuer: 'coucou', audience: 'coucou', ttlSeconds: 900 });
  const time = { now: new Date() };

  const ports = new Map<symbol, unknown>();
  const provide = <T>(token: Token<T>, port: T) => void ports.set(token, port);
  provide(Transactions, transactions);
  provide(MessageLog, storage.messageLog);
  for (const { token, make } of storage.readers) provide(token, make());
  provide(LiveEvents, live);
  // No feature steps in here.
  provide(Hooks, { run: async (_point, value) => value, notify: () => {} });
  provide(Ids, ids);
  provide(Clock, { now: () => time.now });
  provide(Settings, { refreshTokenTtlSeconds: 3600, editWindowSeconds: undefined, deleteWindowSeconds: undefined });
  provide(AccessTokens, access);
  provide(OpaqueTokens, opaqueTokens);
  provide(PasswordHasher, createPasswordHasher({ concurrency: 2 }));

  const resolve: Resolve = (token) => {
    if (!ports.has(token)) throw new Error(`no port for ${String((token as symbol).description)}`);
    return ports.get(token) as never;
  };
  const portsOf = <D extends Deps>(deps: D): Ports<D> => resolvePorts(deps, resolve);

  return {
    storage,
    uow,
    access,
    events,
    /** What the use-cases take for now. */
    time,
    run: <Input, Output, D extends Deps, C extends Call>(useCase: UseCase<Input, Output, D, C>, input: Input, call: C): Promise<Output> =>
      useCase.run(portsOf(useCase.deps), input, call),
    newAccount: () => createAccount(uow),
    close: () => storage.close(),
  };
}

export type Product = Awaited<ReturnType<typeof openProduct>>;

/** A call of nobody in particular. */
export const anonymous = (account: AccountId): Call => ({
  requestId: 'a request',
  account,
  client: { ip: '192.0.2.1', userAgent: 'a test' },
});

export const as = (account: AccountId, userId: UserId): UserCall => ({
  ...anonymous(account),
  actor: { userId, sessionId: ids.next() },
});
