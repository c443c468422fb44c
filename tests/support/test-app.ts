import { noMetrics } from '@coucou/application/metrics/no-metrics';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cachedAnswerPorts } from '@coucou/application/kernel/cached-answers';
import type { Call } from '@coucou/application/kernel/call';
import type { Deps } from '@coucou/application/kernel/token';
import type { UseCase } from '@coucou/application/kernel/use-case';
import { Clock } from '@coucou/application/ports/clock';
import type { DomainEvent } from '@coucou/application/kernel/event';
import type { LiveEvents } from '@coucou/application/ports/live-events';
import { SessionSettings } from '@coucou/application/auth/session-settings';
import { createRoleOf, rolePorts } from '@coucou/application/users/role-of';
import { SignInLimits } from '@coucou/application/auth/sign-in-limits';
import { GroupSizes } from '@coucou/application/conversations/group-sizes';
import { FriendSizes } from '@coucou/application/friends/friend-sizes';
import { MessageSettings } from '@coucou/application/messages/message-settings';
import type { SignInMethod } from '@coucou/domain/auth/session';
import { type AccountId, asId, type SessionId, type UserId } from '@coucou/domain/kernel/ids';
import { type AccountRole, User } from '@coucou/domain/users/user';
import { systemClock } from '@coucou/runtime/clock';
import { createAnswerCache } from '@coucou/runtime/answer-cache';
import { createEventBus } from '@coucou/runtime/event-bus';
import { createOutbox } from '@coucou/runtime/outbox';
import { createCursors } from '@coucou/security/cursors';
import { createExecute, type Executed } from '@coucou/application/kernel/execute';
import { createKeyed, keyedPorts } from '@coucou/application/kernel/keyed';
import { createPgPool, RUNTIME_SESSION } from '@coucou/postgres/kit/pg-pool';
import { createPglitePool } from '@coucou/postgres/kit/pglite-pool';
import { openStorage, type Storage } from '@coucou/postgres/storage';
import { createAccessTokens, type SigningTokens } from '@coucou/security/access-tokens';
import type { AppFeature } from '@coucou/features/feature';
import { compose } from '@coucou/server/composition/compose';
import type { Container } from '@coucou/server/composition/container';
import { catalogueOf } from '@coucou/server/composition/catalogue';
import { features as ownFeatures } from '@coucou/server/composition/features';
import { type Override, override, providePorts } from '@coucou/server/composition/ports';
import { loadConfig } from '@coucou/server/config';
import { openFiles } from '@coucou/server/start/files';
import { openSignIn } from '@coucou/server/start/sign-in';
import { openMail } from '@coucou/server/start/mail';
import { openPush } from '@coucou/server/start/push';
import { checkedAnswers } from './checked-answers.ts';
import { createSession, ids } from './fixtures.ts';
import { createDatabase, hasPostgres } from './database.ts';
import { createDirectSql, type DirectSql } from './direct-sql.ts';
import type { Payload } from './event-log.ts';
import { migratedImage } from './image.ts';
import { borrowPglite } from './worker-pglite.ts';
import type { Database } from './template.ts';
import { everyRepository, type TestUnitOfWork } from './repositories.ts';
import { defaultSettings, type Settings } from './test-settings.ts';

/** What was told to whom, as it goes over the wire. */
export type Told = Readonly<{ event: string; to: Readonly<Record<string, unknown>>; payload: Record<string, Payload> }>;

export type Caller = Readonly<{ id: UserId }> & Calling;

export type Calling = Readonly<{
  account: AccountId;
  /** Runs an operation by its name, from schema to presenter; throws the `ChatError` it answers. */
  call(operation: string, input?: Record<string, unknown>): Promise<Payload>;
  /** The same with the status, and more said of the call, such as its idempotency key. */
  execute(operation: string, input?: Record<string, unknown>, more?: Partial<Call>): Promise<Executed & { body: Payload }>;
}>;

/** The product as a test runs it in this process without a transport: all use-cases on their real adapters. */
export type TestApp = Readonly<{
  /** PostgreSQL where the run has one (the project `integration`), the embedded database elsewhere (`fast`). */
  engine: 'PostgreSQL' | 'PGlite';
  storage: Storage;
  uow: TestUnitOfWork;
  access: SigningTokens;
  container: Container;
  /** What an operator configured; may be changed at any time. */
  settings: Settings;
  /** What the use-cases take for now, once it is set. */
  time: { now: Date | undefined };
  /** Everything published since the test emptied it. */
  events: DomainEvent[];
  /** The same as it goes over the wire. */
  told: Told[];
  /** Signs somebody up, without a password. Owners and admins get a session, since what they do may take a recent sign-in. */
  person(name: string, account?: AccountId, role?: AccountRole): Promise<Caller>;
  /** Acts as a server of the account does, by an API key with these scopes. */
  byKey(scopes: readonly string[], account?: AccountId): Calling;
  /** Calls without a token. */
  visitor(account?: AccountId): Calling;
  /** Acts as the operator does, by the system key. */
  operator(account?: AccountId): Calling;
  /** The same person by a session that has just been opened. */
  signIn(caller: Caller, method?: SignInMethod): Promise<Caller>;
  /** Acts as somebody who is there already. */
  as(id: string, account?: AccountId): Caller;
  /** Runs a use-case, past schema and presenter. */
  run<Input, Output, D extends Deps, C extends Call>(useCase: UseCase<Input, Output, D, C>, input: Input, call: C): Promise<Output>;
  /** A second account. */
  account(): Promise<AccountId>;
  /** Runs what the outbox holds, to the end; throws what a subscriber threw. */
  settled(): Promise<void>;
  close(): Promise<void>;
}> &
  DirectSql;

const uuid = (): string => ids.next();

export const SECRET = 'the tests keep no secrets: 32 bytes or more';

export type TestAppOptions = Readonly<{
  /** PostgreSQL that the caller drops. Absent: a database of the run's engine that goes with the app. */
  database?: Pick<Database, 'url'>;
  overrides?: readonly Override[];
  /** Features besides the server's own. */
  features?: readonly AppFeature[];
}>;

export async function openTestApp({ database, overrides = [], features = [] }: TestAppOptions = {}): Promise<TestApp> {
  const own = database === undefined && hasPostgres() ? await createDatabase() : undefined;
  const url = (database ?? own)?.url;
  const failures: string[] = [];
  const published: DomainEvent[] = [];
  const told: Told[] = [];
  const at = new Date('2026-01-01T00:00:00.000Z');
  const all = [...ownFeatures, ...features];
  const { events, storage: parts } = catalogueOf(all);
  const bus = createEventBus({ error: (details) => void failures.push(JSON.stringify(details)) });
  const live: LiveEvents = {
    publish(account, emitted) {
      published.push(...emitted);
      const announced = emitted.map((event) => events.announced(account, event, at));
      bus.publish(announced);
      for (const { tellings } of announced)
        for (const { event, to, payload } of tellings) told.push({ event, to, payload: JSON.parse(payload().json) });
    },
  };
  // On PostgreSQL a pool beside the storage's own; the embedded database has one connection for both.
  const embedded = () =>
    features.some((feature) => feature.storage !== undefined) ? migratedImage().then((load) => createPglitePool({ load })) : borrowPglite();
  const pool = url === undefined ? await embedded() : createPgPool({ url, max: 2, onConnect: RUNTIME_SESSION });
  const storage = await openStorage({
    database: url === undefined ? { pool } : { url },
    live,
    events,
    parts,
  });
  const access = await createAccessTokens({
    transactions: storage.transactions,
    secret: SECRET,
    issuer: 'coucou',
    audience: 'coucou',
    ttlSeconds: 900,
  });
  const settings = defaultSettings();
  // Made by the first file that is put there.
  const dataDir = join(tmpdir(), `coucou-app-${uuid()}`);
  const attachments = { maxBytes: 26_214_400, quotaBytes: 1_073_741_824 };
  const files = openFiles({ dataDir, publicUrl: undefined, attachments, s3: undefined, secret: SECRET });
  const signIn = openSignIn({ ...loadConfig({ PUBLIC_URL: 'https://chat.example.com' }), listening: () => '' });
  const mail = await openMail(
    { smtp: undefined, conveniences: true, appUrl: undefined },
    { log: { warn: () => {} }, ownUrl: () => 'http://127.0.0.1:3000' },
  );
  const time: TestApp['time'] = { now: undefined };
  const clock: Clock = { now: () => time.now ?? systemClock.now() };
  const container = providePorts({ storage, live, bus, access, secret: SECRET, settings: loadConfig({}, { features: all }).features }, [
    files.provide,
    mail.provide,
    await openPush(loadConfig({}).push, SECRET, []),
    signIn.provide,
    override(Clock, clock),
    override(MessageSettings, settings),
    override(GroupSizes, settings),
    override(FriendSizes, settings),
    override(SessionSettings, settings),
    override(SignInLimits, settings),
    ...overrides,
  ]);
  const { operations, subscribers } = compose(all, container, { warn: () => {} });
  const log = { warn: (details: object) => void failures.push(String((details as { err?: unknown }).err)), error: () => {} };
  // Runs when a test waits for it.
  const outbox = createOutbox({ store: storage.outbox, subscribers, metrics: noMetrics, log, pollMs: 3_600_000 });
  outbox.start();
  const byName = new Map(operations.map((ready) => [ready.operation.name, ready]));
  const roleOf = createRoleOf(container.portsOf(rolePorts));
  const execute = createExecute({
    validateOutput: true,
    cursors: createCursors(SECRET),
    roleOf,
    keyed: createKeyed(container.portsOf(keyedPorts)),
    cached: checkedAnswers({
      ...container.portsOf(cachedAnswerPorts),
      caches: [createAnswerCache({ mostBytes: 4 * 1_024 * 1_024, metrics: noMetrics })],
    }),
  });
  const first = await storage.accounts.byClientKey('default');
  if (first === undefined) throw new Error('there is no default account');

  const calling = (account: AccountId, who: () => Pick<Call, 'actor' | 'program'>): Calling => {
    const performed: Calling['execute'] = async (operation, input = {}, more = {}) => {
      const ready = byName.get(operation);
      if (ready === undefined) throw new Error(`there is no operation ${operation}`);
      const client = { ip: '127.0.0.1', userAgent: 'test' };
      const { body, ...executed } = await execute(ready, input, { requestId: uuid(), account, client, ...who(), ...more });
      return { ...executed, body: body === undefined ? undefined : JSON.parse(JSON.stringify(body)) };
    };
    return { account, execute: performed, call: async (operation, input) => (await performed(operation, input)).body };
  };
  const callerOf = (id: UserId, account: AccountId, session?: SessionId): Caller => ({
    id,
    ...calling(account, () => ({ actor: { userId: id, sessionId: session ?? asId<'session'>(uuid()) } })),
  });

  const uow = everyRepository(storage.transactions);
  const signedIn = async (userId: UserId, accountId: AccountId, method?: SignInMethod): Promise<Caller> => {
    const { id } = await createSession(uow, { accountId, userId, method, now: clock.now() });
    return callerOf(userId, accountId, id);
  };
  return {
    engine: url === undefined ? 'PGlite' : 'PostgreSQL',
    storage,
    uow,
    access,
    container,
    settings,
    time,
    events: published,
    told,
    async person(name, account = first, role = 'member') {
      const id = ids.next<'user'>();
      const username = `${name}-${randomBytes(4).toString('hex')}`;
      const user = User.signUp({ accountId: account, id, username, email: `${username}@example.com`, displayName: name, now: new Date() });
      await uow.write(account, (tx) => tx.users.add({ ...user, role }, 'no password'));
      return role === 'owner' || role === 'admin' ? signedIn(id, account) : callerOf(id, account);
    },
    byKey: (scopes, account = first) => calling(account, () => ({ program: { by: 'apiKey', id: asId(uuid()), scopes } })),
    visitor: (account = first) => calling(account, () => ({})),
    operator: (account = first) => calling(account, () => ({ program: { by: 'operator' } })),
    as: (id, account = first) => callerOf(asId(id), account),
    signIn: ({ id, account }, method) => signedIn(id, account, method),
    run: (useCase, input, call) => useCase.run(container.portsOf(useCase.deps), input, call),
    async account() {
      const id = ids.next<'account'>();
      await uow.system('accounts', (tx) => tx.addAccount({ id, name: 'Other', clientKey: uuid(), createdAt: new Date() }));
      return id;
    },
    ...createDirectSql({ pool, url, account: first }),
    async settled() {
      await storage.settled();
      // A subscriber may store events of its own.
      do await outbox.settled();
      while ((await storage.outbox.lag()).waiting > 0);
      if (failures.length > 0) throw new Error(`subscribers failed: ${failures.splice(0).join('; ')}`);
    },
    async close() {
      await outbox.stop();
      await storage.settled();
      await storage.close();
      if (url !== undefined) await pool.end();
      await own?.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
