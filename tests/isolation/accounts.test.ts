import { randomUUID } from 'node:crypto';
import { modules } from '@coucou/server/composition/modules';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApp, startApp } from '../support/app.ts';
import { overHttp, overSocket } from '../support/callers.ts';
import { httpClient, plainClient, type SocketClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import { expectStatus, openGroup, type Person, signUp } from '../support/people.ts';
import { inputsNamingIds } from './inputs.ts';

/** Two accounts on one server. Whatever one asks about the other's ids is answered as if they did not exist. */

const CANARY = 'canary-7f3a';
let app: TestApp;
let database: Awaited<ReturnType<typeof createDatabase>>;
let mallory: Person;
let socket: SocketClient;
let theirs: Record<string, string>;

beforeAll(async () => {
  database = await createDatabase();
  app = await startApp({ database });
  const clientKey = 'second-account';
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  try {
    // Under forced row-level security the owner sees and adds nothing: accounts are made by the system role.
    await owner.query('set role coucou_system');
    await owner.query('insert into account (account_id, name, client_key, created_at) values ($1, $2, $2, now())', [
      randomUUID(),
      clientKey,
    ]);
  } finally {
    await owner.end();
  }

  const victim = await signUp(app.url, `${CANARY}-alice`, { clientKey });
  const friend = await signUp(app.url, `${CANARY}-bob`, { clientKey });
  const group = await openGroup(victim, [friend], { title: CANARY });
  const message = expectStatus(
    await victim.http.call('POST', `/api/v1/conversations/${group.id}/messages`, { content: `${CANARY} secret` }),
    201,
  );
  theirs = { user: victim.id, session: victim.session.id, conversation: group.id, message: message.id };

  mallory = await signUp(app.url, 'mallory');
  socket = plainClient(app.url, { token: mallory.accessToken });
  await socket.connect();
});
afterAll(async () => {
  await socket?.close();
  await app?.close();
  await database?.drop();
});

const operations = modules.flatMap((module) => module.operations.map(({ operation }) => operation));

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** What differs between any two answers taken out: ids and times. */
const comparable = (answer: unknown): string => JSON.stringify(answer).replaceAll(UUID, '<id>').replaceAll(TIME, '<time>');

describe('ids of another account', () => {
  const callable = operations.filter(({ input }) => inputsNamingIds(input, () => randomUUID()).length > 0);

  it('are named by enough operations for this to mean something', () => {
    expect(callable.length).toBeGreaterThan(6);
  });

  it.each(callable.map((operation) => [operation.name, operation] as const))(
    '%s answers them as it answers random ones',
    async (_, operation) => {
      const callers = [...(operation.http ? [overHttp(mallory.http)] : []), ...(operation.socket ? [overSocket(socket)] : [])];
      for (const caller of callers) {
        const foreign = inputsNamingIds(operation.input, (kind) => theirs[kind] ?? randomUUID());
        const unknown = inputsNamingIds(operation.input, () => randomUUID());
        for (const [index, input] of foreign.entries()) {
          const answered = await caller.call(operation, input as Record<string, unknown>);
          const compared = await caller.call(operation, unknown[index] as Record<string, unknown>);
          expect(comparable(answered)).toBe(comparable(compared));
          expect(JSON.stringify(answered)).not.toContain(CANARY);
        }
      }
    },
  );

  it('never appear in anything that was sent', async () => {
    await app.settled();
    expect(JSON.stringify(socket.events.all)).not.toContain(CANARY);
    const all = await mallory.http.call('GET', '/api/v1/conversations');
    const heads = await mallory.http.call('POST', '/api/v1/sync', {});
    expect(JSON.stringify([all.body, heads.body])).not.toContain(theirs['conversation']);
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
