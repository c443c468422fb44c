import { changeEmail, undoEmailChange } from '@coucou/application/auth/change-email';
import { changePassword } from '@coucou/application/auth/change-password';
import { login } from '@coucou/application/auth/login';
import { me } from '@coucou/application/auth/me';
import type { Authenticated } from '@coucou/application/auth/open-session';
import { requestMagicLink } from '@coucou/application/auth/magic-link';
import { refresh } from '@coucou/application/auth/refresh';
import { resendVerification } from '@coucou/application/auth/resend-verification';
import { verifyEmail } from '@coucou/application/auth/verify-email';
import { Mailer } from '@coucou/application/ports/mailer';
import { noMailer } from '@coucou/mail/no-mailer';
import { override } from '@coucou/server/composition/ports';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { refusal } from '../calls.ts';
import { kindsOf, limited, mailsTo, PASSWORD, signedIn, signUp, stranger, tokenTo } from './mailed.ts';

let app: TestApp;
let account: AccountId;
beforeAll(async () => {
  app = await openTestApp({ overrides: [limited] });
});
afterAll(() => app.close());
const noon = new Date('2026-01-15T12:00:00.000Z');
const later = (seconds: number) => {
  app.time.now = new Date(noon.getTime() + seconds * 1000);
};
beforeEach(async () => {
  account = await app.account();
  later(0);
});

const DAY = 86_400;
let people = 0;
/** Somebody with an address of their own, which is not confirmed. */
const somebody = () => signUp(app, account, `person${(people += 1)}`);
const addressOf = ({ user }: Authenticated) => user.email ?? '';
const verify = (person: Authenticated, token: string) => app.run(verifyEmail, { token }, signedIn(person));
const whoIs = (person: Authenticated) => app.run(me, {}, signedIn(person));

/** Somebody whose address is confirmed. */
async function proven(): Promise<Authenticated> {
  const person = await somebody();
  await verify(person, await tokenTo(app, addressOf(person), 'verify-email'));
  return person;
}

describe('the address of a sign-up', () => {
  it('is confirmed by the link that is sent to it, which keeps everybody signed in', async () => {
    const alice = await somebody();
    expect(await whoIs(alice)).toMatchObject({ user: { emailVerified: false } });
    const token = await tokenTo(app, addressOf(alice), 'verify-email');
    expect(await verify(alice, token)).toMatchObject({ id: alice.user.id, emailVerified: true });
    expect(await whoIs(alice)).toMatchObject({ user: { email: addressOf(alice), emailVerified: true } });
    expect(await app.run(login, { identifier: alice.user.username, password: PASSWORD }, stranger(account))).toBeDefined();
    expect(await app.run(refresh, { refreshToken: alice.refreshToken }, stranger(account))).toBeDefined();
    expect((await kindsOf(app, alice)).slice(-3)).toEqual(['email_verified', 'signed_in', 'signed_up']);
    expect(app.told.filter(({ payload }) => payload['kind'] === 'sign_in.updated').at(-1)).toMatchObject({
      to: { kind: 'devices', userId: alice.user.id },
      payload: { payload: { username: alice.user.username, email: addressOf(alice), emailVerified: true } },
    });
  });

  it('is confirmed once', async () => {
    const alice = await somebody();
    const token = await tokenTo(app, addressOf(alice), 'verify-email');
    await verify(alice, token);
    expect(await refusal(verify(alice, token))).toBe('LINK_INVALID');
  });

  it('is confirmed by nobody else, and by nothing else', async () => {
    const [alice, mallory] = [await somebody(), await somebody()];
    const token = await tokenTo(app, addressOf(alice), 'verify-email');
    expect(await refusal(verify(mallory, token))).toBe('LINK_INVALID');
    for (const wrong of ['', 'x', `${token}x`, token.slice(1), alice.refreshToken, alice.accessToken])
      expect(await refusal(verify(alice, wrong))).toBe('LINK_INVALID');
    const other = await app.account();
    expect(await refusal(app.run(verifyEmail, { token }, { ...signedIn(alice), namedAccount: other }))).toBe('FORBIDDEN');
    expect(await verify(alice, token)).toMatchObject({ emailVerified: true });
  });

  it('is confirmed within 24 hours', async () => {
    const alice = await somebody();
    const token = await tokenTo(app, addressOf(alice), 'verify-email');
    later(DAY);
    expect(await refusal(verify(alice, token))).toBe('LINK_INVALID');
  });

  it('is confirmed by the newest link alone once the password has changed', async () => {
    const alice = await somebody();
    const old = await tokenTo(app, addressOf(alice), 'verify-email');
    await app.run(changePassword, { currentPassword: PASSWORD, newPassword: 'another battery' }, signedIn(alice));
    expect(await refusal(verify(alice, old))).toBe('LINK_INVALID');
    await app.run(resendVerification, {}, signedIn(alice));
    expect(await verify(alice, await tokenTo(app, addressOf(alice), 'verify-email'))).toMatchObject({ emailVerified: true });
  });

  it('gets the link again when asked for, so often and no more, and not once it is confirmed', async () => {
    const alice = await somebody();
    for (let times = 0; times < 15; times += 1) await app.run(resendVerification, {}, signedIn(alice));
    expect(await mailsTo(app, addressOf(alice))).toHaveLength(11);
    const bob = await proven();
    await app.run(resendVerification, {}, signedIn(bob));
    expect(await mailsTo(app, addressOf(bob))).toHaveLength(1);
  });

  it('is asked for so often from one network and no more', async () => {
    const alice = await somebody();
    const call = signedIn(alice);
    for (let times = 0; times < 10; times += 1) await app.run(resendVerification, {}, call);
    await expect(app.run(resendVerification, {}, call)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      details: { retryAfterSeconds: expect.any(Number) },
    });
  });
});

describe('a change of address', () => {
  const ask = (person: Authenticated, email: string, password: string | undefined = PASSWORD) =>
    app.run(changeEmail, { email, password }, signedIn(person));
  const freshAddress = () => `new${(people += 1)}@example.com`;

  /** The person with another address, which they have confirmed. */
  async function moved(person: Authenticated, email: string): Promise<void> {
    await ask(person, email);
    await verify(person, await tokenTo(app, email, 'verify-email'));
  }

  it('takes the password, the mailbox and the session together, and changes nothing before', async () => {
    const alice = await proven();
    const email = freshAddress();
    expect(await refusal(ask(alice, email, 'wrong'))).toBe('INVALID_CREDENTIALS');
    expect(await refusal(app.run(changeEmail, { email }, signedIn(alice)))).toBe('REAUTHENTICATION_REQUIRED');
    expect(await mailsTo(app, email)).toEqual([]);
    await ask(alice, email);
    expect(await whoIs(alice)).toMatchObject({ user: { email: addressOf(alice) } });
    const token = await tokenTo(app, email, 'verify-email');
    expect(await refusal(verify(await somebody(), token))).toBe('LINK_INVALID');
    expect(await verify(alice, token)).toMatchObject({ email, emailVerified: true });
    expect(await refusal(verify(alice, token))).toBe('LINK_INVALID');
    expect(await app.run(login, { email, password: PASSWORD }, stranger(account))).toBeDefined();
    expect(await refusal(app.run(login, { email: addressOf(alice), password: PASSWORD }, stranger(account)))).toBe('INVALID_CREDENTIALS');
    expect((await kindsOf(app, alice))[1]).toBe('email_changed');
  });

  it('happens within 24 hours', async () => {
    const alice = await proven();
    const next = freshAddress();
    await ask(alice, next);
    const late = await tokenTo(app, next, 'verify-email');
    later(DAY);
    expect(await refusal(verify(alice, late))).toBe('LINK_INVALID');
  });

  it('does not say whether somebody has the address, and takes it from nobody', async () => {
    const [alice, bob] = [await proven(), await proven()];
    await ask(alice, addressOf(bob));
    expect(await mailsTo(app, addressOf(bob))).toHaveLength(1);
    // Taken after the link was sent.
    const email = freshAddress();
    await ask(alice, email);
    const token = await tokenTo(app, email, 'verify-email');
    await moved(bob, email);
    expect(await refusal(verify(alice, token))).toBe('EMAIL_TAKEN');
    expect(await whoIs(alice)).toMatchObject({ user: { email: addressOf(alice), emailVerified: true } });
  });

  it('takes it from who typed it and never proved it, and from nobody else', async () => {
    const [alice, squatter] = [await proven(), await somebody()];
    const email = addressOf(squatter);
    // The squatter's own mail goes to the same address, and is to be the older one.
    await app.settled();
    await moved(alice, email);
    expect(await whoIs(alice)).toMatchObject({ user: { email, emailVerified: true } });
    expect((await whoIs(squatter)).user.email).toBeUndefined();
    expect((await app.run(login, { email, password: PASSWORD }, stranger(account))).user.id).toBe(alice.user.id);
    expect((await kindsOf(app, squatter))[0]).toBe('email_changed');
  });

  it('tells the old address, with a link back that is good for 7 days and voids what a thief knows', async () => {
    const alice = await proven();
    const email = freshAddress();
    await moved(alice, email);
    const back = await tokenTo(app, addressOf(alice), 'undo-email-change');
    // The thief changes the password too, which voids other links.
    await app.run(changePassword, { currentPassword: PASSWORD, newPassword: 'of the thief' }, signedIn(alice));
    later(7 * DAY - 1);
    await app.run(undoEmailChange, { token: back }, stranger(account));
    const known = await app.uow.read(account, (tx) => tx.users.lookupByIdentifier(addressOf(alice)));
    expect(known).toMatchObject({ user: { id: alice.user.id, emailVerified: true }, passwordHash: undefined });
    expect(await refusal(app.run(refresh, { refreshToken: alice.refreshToken }, stranger(account)))).toBe('SESSION_REVOKED');
    expect(await refusal(app.run(login, { email: addressOf(alice), password: 'of the thief' }, stranger(account)))).toBe(
      'INVALID_CREDENTIALS',
    );
    expect(await refusal(app.run(undoEmailChange, { token: back }, stranger(account)))).toBe('LINK_INVALID');
    expect((await kindsOf(app, alice)).slice(0, 2)).toEqual(['email_change_undone', 'credentials_dropped']);
  });

  it('is not undone after 7 days', async () => {
    const alice = await proven();
    await moved(alice, freshAddress());
    const late = await tokenTo(app, addressOf(alice), 'undo-email-change');
    later(7 * DAY);
    expect(await refusal(app.run(undoEmailChange, { token: late }, stranger(account)))).toBe('LINK_INVALID');
  });

  it("is undone for good: a thief's own mailboxes cannot undo the undoing", async () => {
    const alice = await proven();
    const [first, second] = [freshAddress(), freshAddress()];
    await moved(alice, first);
    await moved(alice, second);
    const [own, thiefs] = [await tokenTo(app, addressOf(alice), 'undo-email-change'), await tokenTo(app, first, 'undo-email-change')];
    await app.run(undoEmailChange, { token: own }, stranger(account));
    expect(await refusal(app.run(undoEmailChange, { token: thiefs }, stranger(account)))).toBe('LINK_INVALID');
    const known = await app.uow.read(account, (tx) => tx.users.lookup(alice.user.id));
    expect(known?.email).toBe(addressOf(alice));
  });

  it('keeps the old address from others for as long as it can be undone, and no longer', async () => {
    const alice = await proven();
    await moved(alice, freshAddress());
    const squat = () => app.run(changeEmail, { email: addressOf(alice), password: PASSWORD }, signedIn(mallory));
    const mallory = await proven();
    await squat();
    const token = await tokenTo(app, addressOf(alice), 'verify-email');
    expect(await refusal(verify(mallory, token))).toBe('EMAIL_TAKEN');
    expect(await refusal(signUp(app, account, alice.user.username.toUpperCase()))).toBe('USERNAME_TAKEN');
    later(7 * DAY);
    await squat();
    expect(await verify(mallory, await tokenTo(app, addressOf(alice), 'verify-email'))).toMatchObject({ email: addressOf(alice) });
  });

  it('lets the person go back by themselves, whereupon the link back is void', async () => {
    const alice = await proven();
    await moved(alice, freshAddress());
    const back = await tokenTo(app, addressOf(alice), 'undo-email-change');
    await moved(alice, addressOf(alice));
    expect(await refusal(app.run(undoEmailChange, { token: back }, stranger(account)))).toBe('LINK_INVALID');
    expect(await whoIs(alice)).toMatchObject({ user: { email: addressOf(alice) } });
  });

  it('gives no right to an address that was never confirmed', async () => {
    const alice = await somebody();
    const email = freshAddress();
    await moved(alice, email);
    expect((await mailsTo(app, addressOf(alice))).map(({ link }) => link?.includes('undo'))).toEqual([false]);
    expect(await app.run(login, { email, password: PASSWORD }, stranger(account))).toBeDefined();
  });

  it('is void once the password has changed', async () => {
    const alice = await proven();
    const email = freshAddress();
    await ask(alice, email);
    const token = await tokenTo(app, email, 'verify-email');
    await app.run(changePassword, { currentPassword: PASSWORD, newPassword: 'another battery' }, signedIn(alice));
    expect(await refusal(verify(alice, token))).toBe('LINK_INVALID');
  });

  it('guesses at the password on a budget of the session, and the owner on their own', async () => {
    const alice = await proven();
    const thief = signedIn(alice);
    const guess = (call: typeof thief, password: string) => app.run(changeEmail, { email: freshAddress(), password }, call);
    for (let times = 0; times < 10; times += 1) expect(await refusal(guess(thief, `guess ${times}`))).toBe('INVALID_CREDENTIALS');
    expect(await refusal(guess(thief, PASSWORD))).toBe('RATE_LIMITED');
    const owner = await app.run(login, { identifier: alice.user.username, password: PASSWORD }, stranger(account));
    await guess(signedIn(owner), PASSWORD);
  });
});

describe('without a mail server', () => {
  let silent: TestApp;
  beforeAll(async () => {
    silent = await openTestApp({ overrides: [override(Mailer, noMailer)] });
  });
  afterAll(() => silent.close());

  it('says so where mail is asked for, and signs people up all the same, with nothing left in the outbox', async () => {
    const here = await silent.account();
    const alice = await signUp(silent, here, 'alice');
    const attempts = [
      silent.run(resendVerification, {}, signedIn(alice)),
      silent.run(requestMagicLink, { email: 'alice@example.com' }, stranger(here)),
      silent.run(changeEmail, { email: 'a@example.com', password: PASSWORD }, signedIn(alice)),
    ];
    for (const attempt of attempts) expect(await refusal(attempt)).toBe('MAIL_UNAVAILABLE');
    await silent.run(changePassword, { currentPassword: PASSWORD, newPassword: 'another battery' }, signedIn(alice));
    expect(await silent.storage.outbox.lag()).toMatchObject({ waiting: 0 });
  });
});
