import { changeEmail, undoEmailChange } from '@coucou/application/auth/change-email';
import { guest, upgradeGuest } from '@coucou/application/auth/guests';
import { login } from '@coucou/application/auth/login';
import { consumeMagicLink, requestMagicLink } from '@coucou/application/auth/magic-link';
import type { Authenticated } from '@coucou/application/auth/open-session';
import { verifyEmail } from '@coucou/application/auth/verify-email';
import { changeUsername } from '@coucou/application/users/change-username';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { changeSettings } from '../../support/accounts.ts';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { refusal } from '../calls.ts';
import { PASSWORD, signedIn, signUp, stranger, tokenTo } from './mailed.ts';

let app: TestApp;
let account: AccountId;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  account = await app.account();
  app.settings.signups = [];
  await changeSettings(app.container, account, { guests: true });
});

const come = () => app.run(guest, {}, stranger(account));
const upgrade = (who: Authenticated, username: string, email: string) =>
  app.run(upgradeGuest, { username, email, password: PASSWORD }, signedIn(who));
const addressOf = ({ user }: Authenticated) => user.email ?? '';

async function moved(who: Authenticated, email: string, password?: string): Promise<void> {
  await app.run(changeEmail, { email, password }, signedIn(who));
  await app.run(verifyEmail, { token: await tokenTo(app, email, 'verify-email') }, signedIn(who));
}

describe('a guest who is upgraded', () => {
  it('has proven no mailbox by it: its owner drops what the guest signs in by', async () => {
    const mallory = await come();
    await moved(mallory, `mallory-${account}@example.com`);
    const email = `victim-${account}@example.com`;
    expect(await upgrade(mallory, 'mallory', email)).toMatchObject({ email, emailVerified: false });
    expect(await app.uow.read(account, (tx) => tx.users.lookup(mallory.user.id))).toMatchObject({ email, emailVerified: false });
    await app.run(requestMagicLink, { email }, stranger(account));
    await app.run(consumeMagicLink, { token: await tokenTo(app, email, 'magic-link') }, stranger(account));
    expect(await refusal(app.run(login, { identifier: 'mallory', password: PASSWORD }, stranger(account)))).toBe('INVALID_CREDENTIALS');
  });

  it('gets neither name nor address that is held for somebody, so that a change can be undone', async () => {
    const alice = await signUp(app, account, 'alice');
    await app.run(verifyEmail, { token: await tokenTo(app, addressOf(alice), 'verify-email') }, signedIn(alice));
    const other = `other-${account}@example.com`;
    await moved(alice, other, PASSWORD);
    await app.run(changeUsername, { username: 'alicia' }, signedIn(alice));
    const mallory = await come();
    expect(await refusal(upgrade(mallory, 'mallory', addressOf(alice)))).toBe('EMAIL_TAKEN');
    expect(await refusal(upgrade(mallory, 'alice', `m-${account}@example.com`))).toBe('USERNAME_TAKEN');
    await app.run(undoEmailChange, { token: await tokenTo(app, addressOf(alice), 'undo-email-change') }, stranger(account));
    expect(await app.uow.read(account, (tx) => tx.users.lookup(alice.user.id))).toMatchObject({ email: addressOf(alice) });
  });

  it('counts as a sign-up: nobody asks without end who is here', async () => {
    const bob = await signUp(app, account, 'bob');
    const mallory = await come();
    app.settings.signups = [{ limit: 2, windowSeconds: 3_600 }];
    const from = signedIn(mallory);
    const probe = (email: string) => app.run(upgradeGuest, { username: 'mallory', email, password: PASSWORD }, from);
    for (let tries = 0; tries < 2; tries += 1) expect(await refusal(probe(addressOf(bob)))).toBe('EMAIL_TAKEN');
    expect(await refusal(probe(addressOf(bob)))).toBe('RATE_LIMITED');
  });
});
