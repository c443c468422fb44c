import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { refusal } from '../calls.ts';

/** What people choose for themselves. */

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

describe('preferences', () => {
  it('are those of the product until they are chosen, then as chosen, and told to all devices', async () => {
    const notifications = { push: true, email: true, mentionsOnly: false };
    expect(await alice.call('preferences.get')).toEqual({ theme: 'system', readReceipts: true, notifications });
    const chosen = {
      locale: 'fr-CA',
      theme: 'dark',
      readReceipts: false,
      notifications: {
        push: false,
        email: true,
        mentionsOnly: true,
        quietHours: { from: '22:00', to: '07:30', timeZone: 'Europe/Paris' },
      },
    };
    expect(await alice.call('preferences.put', chosen)).toEqual(chosen);
    expect(await alice.call('preferences.get')).toEqual(chosen);
    expect(app.told).toMatchObject([
      {
        event: 'user:event',
        to: { userId: alice.id },
        payload: { kind: 'preferences.updated', userVersion: 1, payload: { preferences: chosen } },
      },
    ]);
    expect(await alice.call('preferences.put', { theme: 'light' })).toEqual({ theme: 'light', readReceipts: true, notifications });
    expect(await bob.call('preferences.get')).toMatchObject({ theme: 'system' });
  });

  it('that stay as they are take no version and are told nobody', async () => {
    await alice.call('preferences.put', {});
    expect(app.told).toEqual([]);
    const chosen = { theme: 'dark', notifications: { quietHours: { from: '22:00', to: '07:30', timeZone: 'Europe/Paris' } } };
    await alice.call('preferences.put', chosen);
    expect(await alice.call('preferences.put', { ...chosen, readReceipts: true })).toMatchObject(chosen);
    expect(app.told).toHaveLength(1);
    await alice.call('preferences.put', { theme: 'dark' });
    expect((await alice.call('sync.conversations')).user.version).toBe(2);
  });

  it('refuse what does not fit', async () => {
    const quietHours = { from: '22:00', to: '07:30', timeZone: 'Europe/Paris' };
    for (const wrong of [
      { theme: 'pink' },
      { other: 1 },
      { locale: 'not a locale' },
      { notifications: { quietHours: { ...quietHours, from: '24:00' } } },
      { notifications: { quietHours: { ...quietHours, timeZone: 'Mars/Olympus' } } },
      { notifications: { sms: true } },
    ])
      expect(await refusal(alice.call('preferences.put', wrong))).toBe('VALIDATION_FAILED');
  });
});
