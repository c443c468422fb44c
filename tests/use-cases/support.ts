import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LiveEvents } from '@coucou/application/ports/live-events';
import type { Settings } from '@coucou/application/ports/settings';
import { ChatError } from '@coucou/domain/kernel/errors';
import { type AccountId, asId, type SessionId, type UserId } from '@coucou/domain/kernel/ids';
import { User } from '@coucou/domain/users/user';
import { systemClock } from '@coucou/runtime/clock';
import { createIds } from '@coucou/runtime/ids';
import { createOutboxRunner } from '@coucou/runtime/outbox-runner';
import { createExecute } from '@coucou/application/kernel/execute';
import { createPgPool, RUNTIME_SESSION } from '@coucou/postgres/kit/pg-pool';
import { createPglitePool } from '@coucou/postgres/kit/pglite-pool';
import { openStorage, type Storage } from '@coucou/postgres/storage';
import { createAccessTokens } from '@coucou/security/access-tokens';
import type { AppFeature } from '@coucou/features/feature';
import { compose } from '@coucou/server/composition/compose';
import type { Container } from '@coucou/server/composition/container';
import { catalogueOf } from '@coucou/server/composition/catalogue';
import { features } from '@coucou/server/composition/features';
import { type Override, providePorts } from '@coucou/server/composition/ports';
import { openFiles } from '@coucou/server/start/files';
import type { Payload } from '../support/event-log.ts';
import { migratedImage } from '../support/image.ts';
import { everyRepository, type TestUnitOfWork } from '../support/repositories.ts';

/** What was told to whom, as it goes over the wire. */
export type Told = Readonly<{ event: string; to: Readonly<Record<string, unknown>>; payload: Record<string, Payload> }>;

export type Caller = Readonly<{
  id: UserId;
  account: AccountId;
  /** Runs an operation by its name, from schema to presenter; throws the `ChatError` it answers. */
  call(operation: string, input?: Record<string, unknown>): Promise<Payload>;
}>;

export type House = Readonly<{
  storage: Storage;
  uow: TestUnitOfWork;
  container: Container;
  /** What an operator configured; may be changed at any time. */
  settings: { -readonly [Key in keyof Settings]: Settings[Key] };
  /** Everything told since `forget` was last called. */
  told: Told[];
  person(name: string, account?: AccountId): Promise<Caller>;
  /** Acts as somebody who is there already. */
  as(id: string, account?: AccountId): Caller;
  /** A second account, and whoever belongs to it. */
  account(): Promise<AccountId>;
  /** One statement in the default account, with the rights of the server: for what no operation of the feature under test does. */
  sql(text: string, params?: readonly unknown[]): Promise<Payload[]>;
  /** Runs what the outbox holds, to the end; throws what a subscriber threw. */
  settled(): Promise<void>;
  /** A picture that this person has uploaded: its id. */
  attachment(owner: Caller): Promise<string>;
  close(): Promise<void>;
}>;

const ids = createIds();
const uuid = (): string => ids.next();

/** All use-cases with their real adapters, on an embedded database or on the one given, without a transport. */
export type HouseOptions = Readonly<{
  url?: string;
  overrides?: readonly Override[] /** Features besides the server's own. */;
  more?: readonly AppFeature[];
}>;

export async function openHouse({ url, overrides = [], more = [] }: HouseOptions = {}): Promise<House> {
  const told: Told[] = [];
  const at = '2026-01-01T00:00:00.000Z';
  const all = [...features, ...more];
  const { events, storage: parts } = catalogueOf(all);
  const live: LiveEvents = {
    publish(account, emitted) {
      for (const { tellings } of emitted.map((event) => events.announced(account, event, at)))
        for (const { event, to, payload } of tellings) told.push({ event, to, payload: JSON.parse(JSON.stringify(payload())) });
    },
  };
  // On PostgreSQL a pool beside the storage's own; the embedded database has one connection for both.
  const pool =
    url === undefined ? await createPglitePool({ load: await migratedImage() }) : createPgPool({ url, max: 2, onConnect: RUNTIME_SESSION });
  const storage = await openStorage({
    database: url === undefined ? { pool } : { url },
    live,
    events,
    parts,
  });
  const access = await createAccessTokens({
    transactions: storage.transactions,
    secret: randomBytes(32).toString('hex'),
    issuer: 'coucou',
    audience: 'coucou',
    ttlSeconds: 900,
  });
  const settings: House['settings'] = { refreshTokenTtlSeconds: 604_800, editWindowSeconds: undefined, deleteWindowSeconds: undefined };
  // Made by the first file that is put there.
  const dataDir = join(tmpdir(), `coucou-house-${uuid()}`);
  const attachments = { maxBytes: 26_214_400, quotaBytes: 1_073_741_824 };
  const files = openFiles({ dataDir, publicUrl: undefined, attachments, s3: undefined, secret: randomBytes(32).toString('hex') });
  const container = providePorts({ storage, live, access, settings }, [files.provide, ...overrides]);
  const { operations, subscribers } = compose(all, container, { warn: () => {} });
  const failures: string[] = [];
  const log = { warn: (details: object) => void failures.push(String((details as { err?: unknown }).err)), error: () => {} };
  // Runs when a test waits for it.
  const outbox = createOutboxRunner({ store: storage.outbox, subscribers, clock: systemClock, log, pollMs: 3_600_000 });
  outbox.start();
  const byName = new Map(operations.map((ready) => [ready.operation.name, ready]));
  const execute = createExecute({ validateOutput: true });
  const first = await storage.accounts.byClientKey('default');
  if (first === undefined) throw new Error('there is no default account');

  const sql: House['sql'] = (text, params = []) =>
    pool.use(async (session) => {
      await session.script(`begin; set local app.account_id = '${first}'`);
      try {
        const { rows } = await session.query<Payload>(text, params);
        await session.script('commit');
        return rows;
      } catch (error) {
        await session.script('rollback');
        throw error;
      }
    });

  const callerOf = (id: UserId, account: AccountId): Caller => {
    return {
      id,
      account,
      async call(operation, input = {}) {
        const ready = byName.get(operation);
        if (ready === undefined) throw new Error(`there is no operation ${operation}`);
        const actor = { userId: id, sessionId: asId<'session'>(uuid()) as SessionId };
        const { body } = await execute(ready, input, { requestId: uuid(), account, actor, client: { ip: '127.0.0.1', userAgent: 'test' } });
        return body === undefined ? undefined : JSON.parse(JSON.stringify(body));
      },
    };
  };

  const uow = everyRepository(storage.transactions);
  return {
    storage,
    uow,
    container,
    settings,
    told,
    async person(name, account = first) {
      const id = ids.next<'user'>();
      const username = `${name}-${randomBytes(4).toString('hex')}`;
      const user = User.signUp({ accountId: account, id, username, email: `${username}@example.com`, displayName: name, now: new Date() });
      await uow.write(account, (tx) => tx.users.add(user, 'no password'));
      return callerOf(id, account);
    },
    as: (id, account = first) => callerOf(asId(id), account),
    async account() {
      const id = ids.next<'account'>();
      await uow.system('accounts', (tx) => tx.addAccount({ id, name: 'Other', clientKey: uuid(), createdAt: new Date() }));
      return id;
    },
    sql,
    async attachment({ account, id: owner }) {
      const id = uuid();
      await sql(
        `insert into attachment (account_id, id, owner_id, name, type, size, status, storage_key, quota_bytes, created_at)
         values ($1, $2, $3, 'a.png', 'image/png', 3, 'ready', $4, 3, now())`,
        [account, id, owner, `kept/${id}`],
      );
      return id;
    },
    async settled() {
      await storage.settled();
      // A subscriber may store events of its own.
      do await outbox.settled();
      while ((await storage.outbox.countDue()) > 0);
      if (failures.length > 0) throw new Error(`subscribers failed: ${failures.splice(0).join('; ')}`);
    },
    async close() {
      await outbox.stop();
      await storage.settled();
      await storage.close();
      if (url !== undefined) await pool.end();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The code that a call is refused with; a call that succeeds, or breaks, fails the test. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ChatError && error.kind !== 'internal') return error.code;
    throw error;
  }
  throw new Error('the call was not refused');
}

export const openGroup = (owner: Caller, members: readonly Caller[] = [], more: Record<string, unknown> = {}): Promise<Payload> =>
  owner.call('conversations.create', { type: 'group', title: 'A group', memberIds: members.map(({ id }) => id), ...more });

export const openDirect = (from: Caller, to: Caller): Promise<Payload> =>
  from.call('conversations.create', { type: 'direct', userId: to.id });

export const send = (
  from: Caller,
  conversation: Readonly<{ id: string }>,
  content: string,
  more: Record<string, unknown> = {},
): Promise<Payload> => from.call('messages.send', { conversationId: conversation.id, content, ...more });
