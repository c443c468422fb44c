import { randomUUID } from 'node:crypto';
import { coreCatalogue } from '../support/coucou.ts';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { everyCaller } from '../support/callers.ts';
import { httpClient, plainClient, type SocketClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import { type Person, signUp } from '../support/people.ts';
import { giveRole } from '../support/roles.ts';
import { type Belongings, belongingsOf } from './belongings.ts';
import { comparable } from './comparable.ts';
import { inputsNamingIds, inputWithoutIds } from './inputs.ts';

/** Two accounts on one server. Whatever one asks about the other's ids is answered as if they did not exist. */

const CANARY = 'canary-7f3a';
let app: ListeningApp;
let database: Awaited<ReturnType<typeof createDatabase>>;
let owner: pg.Client;
let mallory: Person;
let socket: SocketClient;
let theirAccount: string;
let theirs: Belongings;
let own: Belongings;

/** Three people of the account that a client key names; the first administers it. */
async function three(clientKey: string, word: string): Promise<[Person, Person, Person]> {
  const signUpAs = (name: string) => signUp(app.url, `${word}-${name}`, { clientKey });
  const alice = await signUpAs('alice');
  await giveRole(database, alice.id, 'owner');
  return [alice, await signUpAs('bob'), await signUpAs('carol')];
}

beforeAll(async () => {
  database = await createDatabase();
  app = await startTestApp({ database });
  theirAccount = randomUUID();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  // Under forced row-level security the owner sees and adds nothing: accounts are made by the system role.
  await owner.query('set role coucou_system');
  await owner.query('insert into account (account_id, name, client_key, created_at) values ($1, $2, $2, now())', [
    theirAccount,
    'second-account',
  ]);
  await owner.query('reset role');

  const people = await three('default', 'mallory');
  [mallory] = people;
  own = await belongingsOf(database, people, 'mine');
  theirs = await belongingsOf(database, await three('second-account', CANARY), CANARY);
  socket = plainClient(app.url, { token: mallory.accessToken });
  await socket.connect();
  await app.settled();
});
afterAll(async () => {
  await socket?.close();
  await app?.close();
  await owner?.end();
  await database?.drop();
});

const operations = coreCatalogue.operations;
const callersOf = (operation: (typeof operations)[number]) => everyCaller(operation, mallory.http, socket);

/** Kinds that an operation can name. */
const allKindsOf = (input: (typeof operations)[number]['input']): readonly string[] => {
  const kinds = new Set<string>();
  inputsNamingIds(input, (kind) => {
    kinds.add(kind);
    return randomUUID();
  });
  return [...kinds];
};

/** Those of which there is one of theirs. */
const kindsOf = (input: (typeof operations)[number]['input']): readonly string[] => allKindsOf(input).filter((kind) => kind in theirs);

type Naming = Readonly<{ input: Record<string, unknown>; code: string }>;

/** Inputs that name `chosen` for these kinds; for all others one's own, if there is one. */
function naming(operation: (typeof operations)[number], kinds: readonly string[], chosen: Belongings | undefined): readonly Naming[] {
  const code = chosen?.['inviteCode'] ?? randomUUID();
  const idOf = (kind: string) => {
    if (!kinds.includes(kind)) return own[kind] ?? randomUUID();
    return kind === 'inviteCode' ? code : (chosen?.[kind] ?? randomUUID());
  };
  return inputsNamingIds(operation.input, idOf).map((input) => ({ input: input as Record<string, unknown>, code }));
}

/** What a job does meanwhile to entries that are there: it seals them. */
const SEALING = ['audit_seal', 'audit_unsealed'];

/** Everything of the other account, as the database holds it. */
async function theirRows(): Promise<Readonly<Record<string, string>>> {
  const { rows: tables } = await owner.query<{ name: string }>(
    `select table_name as name from information_schema.columns join information_schema.tables using (table_schema, table_name)
     where table_schema = 'public' and column_name = 'account_id' and table_type = 'BASE TABLE' and table_name <> all($1) order by 1`,
    [SEALING],
  );
  await owner.query("select set_config('app.account_id', $1, false)", [theirAccount]);
  const hashes: Record<string, string> = {};
  for (const { name } of tables) {
    const { rows } = await owner.query<{ rows: string }>(
      `select count(*) || ' ' || md5(coalesce(string_agg(t::text, ',' order by t::text), '')) as rows from ${name} t where account_id = $1`,
      [theirAccount],
    );
    hashes[name] = rows[0]?.rows ?? '';
  }
  return hashes;
}

describe('ids of another account', () => {
  const callable = operations.filter(({ input }) => inputsNamingIds(input, () => randomUUID()).length > 0);
  const understood = new Set<string>();
  let before: Awaited<ReturnType<typeof theirRows>>;
  beforeAll(async () => {
    await app.settled();
    before = await theirRows();
  });

  it('are named by enough operations for this to mean something', () => {
    expect(callable.length).toBeGreaterThan(50);
    expect(Number(before['message']?.split(' ')[0])).toBeGreaterThanOrEqual(2);
    const named = new Set(callable.flatMap(({ input }) => kindsOf(input)));
    const withoutAny = callable.flatMap(({ input }) => allKindsOf(input)).filter((kind) => !(kind in theirs));
    // A UUID that the client makes; every other kind is among the belongings.
    expect(withoutAny.filter((kind) => kind !== 'nothing')).toEqual([]);
    expect([...named].toSorted()).toEqual(Object.keys(theirs).toSorted());
  });

  it.each(callable.map((operation) => [operation.name, operation] as const))(
    '%s answers them as it answers random ones',
    async (name, operation) => {
      const kinds = kindsOf(operation.input);
      // All of them, and each kind beside one's own: what is looked up second is reached only when the first is found.
      const choices = kinds.length > 1 ? [kinds, ...kinds.map((kind) => [kind])] : [kinds];
      for (const caller of callersOf(operation)) {
        for (const chosen of choices) {
          const unknown = naming(operation, chosen, undefined);
          for (const [index, { input, code }] of naming(operation, chosen, theirs).entries()) {
            const answered = await caller.call(operation, input);
            const random = unknown[index] as Naming;
            const compared = await caller.call(operation, random.input);
            expect(comparable(answered, code)).toBe(comparable(compared, random.code));
            expect(JSON.stringify(answered)).not.toContain(CANARY);
            if (answered.ok || answered.error.code !== 'VALIDATION_FAILED') understood.add(name);
          }
        }
      }
    },
  );

  it('reached every operation: none was stopped by the form of its input', () => {
    expect(callable.map(({ name }) => name).filter((name) => !understood.has(name))).toEqual([]);
  });

  it('changed nothing there', async () => {
    await app.settled();
    expect(await theirRows()).toEqual(before);
  });
});

describe('what an operation finds by itself', () => {
  const listing = operations.filter(
    // The operator names any account.
    ({ http, access, input, refreshCookie }) =>
      access !== 'system' &&
      http?.method === 'GET' &&
      http.redirect !== true &&
      inputWithoutIds(input, CANARY) !== undefined &&
      refreshCookie === undefined,
  );

  it.each(listing.map((operation) => [operation.name, operation] as const))('%s: nothing of another account', async (_, operation) => {
    for (const caller of callersOf(operation)) {
      const answer = await caller.call(operation, inputWithoutIds(operation.input, CANARY) ?? {});
      expect(answer).toMatchObject({ ok: true });
      for (const secret of [CANARY, ...Object.values(theirs)]) expect(JSON.stringify(answer)).not.toContain(secret);
    }
  });

  it('never appears in anything that was sent', async () => {
    await app.settled();
    const heads = await mallory.http.call('POST', '/api/v1/sync', {});
    for (const secret of [CANARY, ...Object.values(theirs)]) {
      expect(JSON.stringify(heads.body)).not.toContain(secret);
      expect(JSON.stringify(socket.events.all.filter(({ name }) => name !== 'error'))).not.toContain(secret);
    }
  });
});

describe('the account of a call', () => {
  it('comes from the token; a contradicting client key is refused', async () => {
    const contradicting = httpClient(app.url, { token: mallory.accessToken, clientKey: 'second-account' });
    expect(await contradicting.call('GET', '/api/v1/auth/me')).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
  });

  it('is one that exists', async () => {
    const stranger = httpClient(app.url, { clientKey: 'no-such-account' });
    const input = { username: 'zoe', email: 'zoe@example.com', password: 'a long password of zoe' };
    expect(await stranger.call('POST', '/api/v1/auth/signup', input)).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
  });

  it('keeps equal names apart', async () => {
    const input = { username: 'twin', email: 'twin@example.com', password: 'a long password of twins' };
    const first = await httpClient(app.url).call('POST', '/api/v1/auth/signup', input);
    const second = await httpClient(app.url, { clientKey: 'second-account' }).call('POST', '/api/v1/auth/signup', input);
    expect([first.status, second.status]).toEqual([201, 201]);
    const login = { username: 'twin', password: input.password };
    expect((await httpClient(app.url).call('POST', '/api/v1/auth/login', login)).body.user.id).toBe(first.body.user.id);
  });
});
