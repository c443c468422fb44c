import { trimFeeds } from '@coucou/application/users/trim-feeds';
import { limits } from '@coucou/domain/kernel/limits';
import { addSeconds } from '@coucou/domain/kernel/time';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';

/** How long a person's own feed is kept. */

let app: TestApp;
let alice: Caller;
beforeAll(async () => {
  app = await openTestApp();
  alice = await app.person('alice');
  for (const theme of ['dark', 'light', 'dark', 'light', 'dark']) await alice.call('preferences.put', { theme });
});
afterAll(() => app.close());

const feed = async (version: number): Promise<Payload> => (await alice.call('sync.conversations', { user: { version } })).user;
const versions = async (version: number): Promise<number[]> => (await feed(version)).events.map((event: Payload) => event.version);
const trim = (now: Date, stopping = { aborted: false }) => trimFeeds({ uow: app.uow, clock: { now: () => now } }, stopping);

it('goes on for whoever was away for less, and starts anew for everybody else', async () => {
  const entries = await app.sql('select version, created_at from user_event where user_id = $1 order by version', [alice.id]);
  const oldest: Date = entries[3]?.created_at;
  const later = addSeconds(oldest, limits.feedSeconds);
  expect(await trim(new Date(later.getTime() - 60_000))).toBe(0);
  expect(await versions(0)).toEqual([1, 2, 3, 4, 5]);

  const trimmed = entries.filter((entry) => entry.created_at < oldest).length;
  expect(trimmed).toBeGreaterThan(0);
  expect(await trim(later, { aborted: true })).toBe(0);
  expect(await trim(later)).toBe(trimmed);
  for (const version of [0, trimmed - 1]) expect(await feed(version)).toEqual({ version: 5, events: [], hasMore: false, reset: true });
  expect(await versions(trimmed)).toEqual([1, 2, 3, 4, 5].slice(trimmed));
  expect(await trim(later)).toBe(0);
});

it('is empty for whoever holds its last version, and goes on from there', async () => {
  expect(await trim(addSeconds(new Date(), limits.feedSeconds + 60))).toBeGreaterThan(0);
  expect(await feed(5)).toEqual({ version: 5, events: [], hasMore: false });
  await alice.call('preferences.put', { theme: 'system' });
  expect(await versions(5)).toEqual([6]);
});
