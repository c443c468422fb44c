import { login } from '@coucou/application/auth/login';
import type { Authenticated } from '@coucou/application/auth/open-session';
import { changeUsername } from '@coucou/application/users/change-username';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { PASSWORD, signedIn, signUp, stranger } from '../auth/mailed.ts';
import { refusal } from '../calls.ts';

let app: TestApp;
let account: AccountId;
let alice: Authenticated;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
const noon = new Date('2026-01-15T12:00:00.000Z');
const DAY = 86_400;
const later = (seconds: number) => {
  app.time.now = new Date(noon.getTime() + seconds * 1000);
};
beforeEach(async () => {
  account = await app.account();
  later(0);
  alice = await signUp(app, account, 'alice');
});

const rename = (username: string, who = alice) => app.run(changeUsername, { username }, signedIn(who));
const logIn = (identifier: string) => app.run(login, { identifier, password: PASSWORD }, stranger(account));

it('changes the name that somebody signs in by and is found by', async () => {
  app.told.length = 0;
  expect(await rename('alicia')).toMatchObject({ id: alice.user.id, username: 'alicia', displayName: 'alice' });
  expect(await logIn('ALICIA')).toMatchObject({ user: { id: alice.user.id } });
  expect(await refusal(logIn('alice'))).toBe('INVALID_CREDENTIALS');
  const bob = await signUp(app, account, 'bob');
  const { items } = await app.as(bob.user.id, account).call('users.search', { q: 'alici' });
  expect(items).toMatchObject([{ username: 'alicia' }]);
  expect(app.told.filter(({ event }) => event === 'user:updated')).toMatchObject([
    { payload: { user: { username: 'alicia' } } },
    { payload: { user: { username: 'alicia' } } },
  ]);
  expect(app.told.filter(({ event }) => event === 'user:event')).toMatchObject([{ payload: { kind: 'sign_in.updated' } }]);
});

it('holds the old name for its owner for 90 days, in any letters', async () => {
  await rename('alicia');
  const bob = await signUp(app, account, 'bob');
  for (const name of ['alice', 'Álice', 'ALICE']) {
    expect(await refusal(rename(name, bob))).toBe('USERNAME_TAKEN');
    expect(await refusal(signUp(app, account, name.normalize('NFKD').replaceAll(/\p{M}/gu, '')))).toMatch(/^(USERNAME|EMAIL)_TAKEN$/);
  }
  later(90 * DAY - 1);
  expect(await refusal(rename('alice', bob))).toBe('USERNAME_TAKEN');
  later(90 * DAY);
  expect(await rename('alice', bob)).toMatchObject({ username: 'alice' });
});

it('lets the owner go back to a name that is held for them', async () => {
  await rename('alicia');
  later(30 * DAY);
  expect(await rename('alice')).toMatchObject({ username: 'alice' });
  const bob = await signUp(app, account, 'bob');
  expect(await refusal(rename('alicia', bob))).toBe('USERNAME_TAKEN');
});

it('is free the first time, and then waits for 30 days', async () => {
  await rename('alicia');
  later(30 * DAY - 10);
  await expect(rename('alina')).rejects.toMatchObject({ code: 'USERNAME_CHANGED_RECENTLY', details: { retryAfterSeconds: 10 } });
  later(30 * DAY);
  expect(await rename('alina')).toMatchObject({ username: 'alina' });
});

it('changes nothing for the same name, and refuses one that is taken', async () => {
  await signUp(app, account, 'bob');
  expect(await rename('alice')).toEqual(alice.user);
  expect(await refusal(rename('BOB'))).toBe('USERNAME_TAKEN');
  expect(await rename('Alice')).toMatchObject({ username: 'Alice' });
});

it('gives a name that two want at once to one of them', async () => {
  const bob = await signUp(app, account, 'bob');
  const outcomes = await Promise.allSettled([rename('carol'), rename('carol', bob), signUp(app, account, 'carol')]);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

it('lets nobody have a name in the moment in which it is given up', async () => {
  const attempts = Array.from({ length: 10 }, (_, at) =>
    signUp(app, account, 'alice').catch((error: { code: string }) => `${at}${error.code}`),
  );
  const [renamed, ...outcomes] = await Promise.all([rename('alicia'), ...attempts]);
  expect(renamed).toMatchObject({ username: 'alicia' });
  expect(outcomes.every((outcome) => typeof outcome === 'string')).toBe(true);
});

it('forgets holds that have ended', async () => {
  await rename('alicia');
  const forget = (seconds: number) => app.uow.write(account, (tx) => tx.heldNames.forgetEnded(new Date(noon.getTime() + seconds * 1000)));
  expect([await forget(90 * DAY - 1), await forget(90 * DAY + 1)]).toEqual([0, 1]);
});
