import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';

/** A person's own feed in sync. */

let app: TestApp;
let [alice, bob]: [Caller, Caller] = [] as never;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  [alice, bob] = (await Promise.all(['alice', 'bob'].map((name) => app.person(name)))) as [Caller, Caller];
  app.told.length = 0;
});

describe('the feed in sync', () => {
  const sync = async (who: Caller, input: Record<string, unknown> = {}) => (await who.call('sync.conversations', input)).user;
  const times = async (many: number) => {
    for (let n = 1; n <= many; n += 1) await alice.call('preferences.put', { locale: n % 2 === 0 ? 'fr' : 'en' });
  };

  it('answers its version to those who hold none, and pages on from the one held', async () => {
    expect(await sync(alice)).toEqual({ version: 0, events: [], hasMore: false });
    await times(5);
    expect(await sync(alice, { user: {} })).toEqual({ version: 5, events: [], hasMore: false });
    const first = await sync(alice, { user: { version: 0 }, limit: 3 });
    expect(first).toMatchObject({ version: 3, hasMore: true });
    expect(first.events.map(({ version }: { version: number }) => version)).toEqual([1, 2, 3]);
    const second = await sync(alice, { user: { version: 3 }, limit: 3 });
    expect(second).toMatchObject({
      version: 5,
      hasMore: false,
      events: [{ version: 4, payload: { preferences: { locale: 'fr' } } }, { version: 5 }],
    });
    expect(await sync(alice, { user: { version: 5 } })).toEqual({ version: 5, events: [], hasMore: false });
    expect(await sync(bob, { user: { version: 0 } })).toEqual({ version: 0, events: [], hasMore: false });
  });

  it('resets for a version that was never given, a log that was trimmed, and another life of the database', async () => {
    await times(4);
    const reset = { version: 4, events: [], hasMore: false, reset: true };
    expect(await sync(alice, { user: { version: 9 } })).toEqual(reset);
    expect(await sync(alice, { user: { version: 4 }, epoch: 'another' })).toEqual(reset);
    // As if the entries after 4 had been kept for their time and were gone.
    await app.sql('update app_user set user_version = 6 where id = $1', [alice.id]);
    expect(await sync(alice, { user: { version: 4 } })).toEqual({ ...reset, version: 6 });
    expect(await sync(alice, { user: { version: 6 } })).toEqual({ version: 6, events: [], hasMore: false });
  });
});
