import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { loadedModules, recordingModules } from '../support/loaded-modules.ts';
import { privateDirectory } from '../support/machine.ts';
import { expectStatus, openDirect, type Person, signUpAll } from '../support/people.ts';
import { openSentry, type ReceivedReport, type Sentry } from '../support/sentry.ts';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';

const SAID = 'between us alone';
const SENTRY = /node_modules\/@sentry\//;

const send = (person: Person, id: string, headers: Record<string, string> = {}) =>
  person.http.call('POST', `/api/v1/conversations/${id}/messages`, message(), headers);
const message = () => ({ clientMessageId: randomUUID(), content: SAID });

/** Messages cannot be stored, and the database quotes them in what it says; a job finds its table gone. */
const BROKEN = `
  create function fail() returns trigger language plpgsql as $$
    begin raise exception 'cannot store %', new.content using errcode = '22023', detail = new.content; end $$;
  create trigger fail before insert on message for each row execute function fail();
  alter table user_event rename to user_event_away`;

describe('a server with a DSN', () => {
  let directory: string;
  let database: Database;
  let owner: pg.Client;
  let sentry: Sentry;
  let app: SpawnedApp;
  let people: Record<'alice' | 'bob', Person>;
  let id: string;
  beforeAll(async () => {
    directory = await privateDirectory('error-reports');
    database = await createDatabase();
    owner = new pg.Client({ connectionString: database.ownerUrl });
    await owner.connect();
    sentry = await openSentry();
    const env = { SENTRY_DSN: sentry.dsn, INSTANCE_ID: 'node-7', SCHEDULES: 'users.trimFeeds=every 1s' };
    app = await spawnTestApp({ database, env: { ...env, ...recordingModules(join(directory, 'with')) } });
    people = await signUpAll(app.url, 'alice', 'bob');
    ({ id } = await openDirect(people.alice, people.bob));
    await owner.query(BROKEN);
  });
  afterAll(async () => {
    await app?.stop();
    await owner?.end();
    await sentry?.close();
    await database?.drop();
  });

  const reportOf = async (tags: Record<string, string>): Promise<ReceivedReport> => {
    const found = () => sentry.reports.find((each) => Object.entries(tags).every(([name, value]) => each.tags[name] === value));
    await until(() => found() !== undefined, { what: `a report of ${JSON.stringify(tags)}` });
    return found() as ReceivedReport;
  };

  it('reports a request that failed: what, where and on which node', async () => {
    const requestId = randomUUID();
    expectStatus(await send(people.alice, id, { 'x-request-id': requestId }), 500);
    const report = await reportOf({ requestId });
    expect(Object.keys(report).toSorted()).toEqual(
      ['environment', 'event_id', 'exception', 'level', 'platform', 'release', 'sdk', 'server_name', 'tags', 'timestamp'].toSorted(),
    );
    expect(report).toMatchObject({
      level: 'error',
      environment: 'test',
      server_name: 'node-7',
      release: expect.stringMatching(/^coucou@\d/),
    });
    expect(report.tags).toEqual({ operation: 'POST /api/v1/conversations/:conversationId/messages', requestId, code: expect.any(String) });
    const thrown = report.exception.values.at(-1);
    expect(thrown?.value).toMatch(/^a request failed/);
    const frames = report.exception.values.flatMap(({ stacktrace }) => stacktrace?.frames ?? []);
    expect(frames.some(({ filename }) => String(filename).startsWith('packages/infrastructure/postgres/'))).toBe(true);
    for (const frame of frames)
      expect(['colno', 'filename', 'function', 'in_app', 'lineno']).toEqual(expect.arrayContaining(Object.keys(frame)));
  });

  it('reports a call of a socket and a job that failed', async () => {
    const socket = people.alice.socket('websocket');
    await socket.connect();
    await socket.call('messages.send', { conversationId: id, ...message() });
    await socket.close();
    expect((await reportOf({ operation: 'messages.send' })).exception.values.at(-1)?.value).toMatch(/^call failed/);
    expect((await reportOf({ operation: 'users.trimFeeds' })).tags['code']).toBe('42P01');
  });

  it('reports nothing that callers did wrong, and nothing of what was said, by whom or from where', async () => {
    const refused = randomUUID();
    expectStatus(await people.alice.http.call('GET', '/api/v1/invites/unknown', undefined, { 'x-request-id': refused }), 404);
    const after = randomUUID();
    expectStatus(await send(people.bob, id, { 'x-request-id': after }), 500);
    await reportOf({ requestId: after });
    const told = sentry.text();
    expect(told).not.toContain(refused);
    expect(sentry.others).toEqual([]);
    const secrets = [SAID, encodeURIComponent(SAID), id, '"ip', database.url, process.cwd()];
    for (const { email, password, username, accessToken, refreshToken, id: person } of Object.values(people))
      secrets.push(email, password, username, accessToken, refreshToken, person);
    for (const secret of secrets) expect(told).not.toContain(secret);
  });

  it('reports some of a flood, and goes on', async () => {
    const before = sentry.requests();
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 100 }, () => send(people.alice, id)));
    // Ten in every second that the flood touched, however long it took.
    const seconds = Math.ceil((performance.now() - startedAt) / 1_000) + 1;
    expect(sentry.requests() - before).toBeLessThanOrEqual(10 * seconds);
    const last = randomUUID();
    await until(
      async () => {
        await send(people.bob, id, { 'x-request-id': last });
        return sentry.reports.some(({ tags }) => tags['requestId'] === last);
      },
      { what: 'a report after the flood' },
    );
  });

  it('needs no hook in the module loader', async () => {
    const loaded = await loadedModules(join(directory, 'with'));
    expect(loaded.some((url) => SENTRY.test(url))).toBe(true);
    expect(loaded.filter((url) => /import-in-the-middle|require-in-the-middle/.test(url))).toEqual([]);
  });
});

it('a server without a DSN loads none of it', async () => {
  const directory = await privateDirectory('error-reports');
  const app = await spawnTestApp({ env: recordingModules(join(directory, 'without')) });
  await app.stop();
  const loaded = await loadedModules(join(directory, 'without'));
  expect(loaded.some((url) => url.includes('/node_modules/fastify/'))).toBe(true);
  expect(loaded.filter((url) => SENTRY.test(url))).toEqual([]);
});

it('a Sentry that never answers keeps nobody waiting, and not the end of the server', async () => {
  const sentry = await openSentry({ isSilent: true });
  const database = await createDatabase();
  const owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
  const app = await spawnTestApp({ database, env: { SENTRY_DSN: sentry.dsn } });
  try {
    const { alice, bob } = await signUpAll(app.url, 'alice', 'bob');
    const { id } = await openDirect(alice, bob);
    await owner.query(BROKEN);
    expectStatus(await send(alice, id), 500);
    await until(() => sentry.requests() > 0, { what: 'a report that is not answered' });
    expectStatus(await alice.http.call('GET', '/api/v1/auth/me'), 200);
    await app.kill('SIGTERM');
    expect(app.logs().some(({ msg }) => msg === 'stopped')).toBe(true);
  } finally {
    await app.stop();
    await owner.end();
    await sentry.close();
    await database.drop();
  }
});
