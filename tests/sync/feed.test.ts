import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type ListeningApp } from '../support/listening-app.ts';
import { createDatabase } from '../support/database.ts';
import type { Payload } from '../support/event-log.ts';
import { expectStatus, type Person, signUp } from '../support/people.ts';
import type { Database } from '../support/template.ts';

/** A person's own feed, as sync answers it. */
let app: ListeningApp;
let database: Database;
let alice: Person;
beforeAll(async () => {
  database = await createDatabase();
  app = await startTestApp({ database });
  alice = await signUp(app.url);
  for (const theme of ['dark', 'light', 'dark', 'light', 'dark'])
    expectStatus(await alice.http.call('PUT', '/api/v1/users/me/preferences', { theme }), 200);
});
afterAll(async () => {
  await app?.close();
  await database?.drop();
});

const ask = async (input: object): Promise<Payload> => expectStatus(await alice.http.call('POST', '/api/v1/sync', input), 200);
const feed = async (version: number | undefined, more: object = {}) => (await ask({ user: { version }, ...more })).user;
const nothing = { version: 5, events: [], hasMore: false };

test('comes in pages, in order, and ends with what is current', async () => {
  const pages: Payload[] = [];
  for (let version = 0, more = true; more; version = pages.at(-1).version, more = pages.at(-1).hasMore)
    pages.push(await feed(version, { limit: 2 }));
  expect(pages.map(({ version, events }) => [version, events.map((event: Payload) => event.version)])).toEqual([
    [2, [1, 2]],
    [4, [3, 4]],
    [5, [5]],
  ]);
  expect(pages[2].events).toMatchObject([{ kind: 'preferences.updated', payload: { preferences: { theme: 'dark' } } }]);
  expect(await feed(5)).toEqual(nothing);
});

test('tells whoever holds nothing where it stands', async () => {
  expect(await feed(undefined)).toEqual(nothing);
  expect((await ask({})).user).toEqual(nothing);
});

test('resets a version that it never gave, and a copy of another life of the database', async () => {
  expect(await feed(6)).toEqual({ ...nothing, reset: true });
  expect(await feed(Number.MAX_SAFE_INTEGER)).toEqual({ ...nothing, reset: true });
  expect(await feed(5, { epoch: 'another' })).toEqual({ ...nothing, reset: true });
});
