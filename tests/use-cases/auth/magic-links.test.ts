import { changePassword } from '@coucou/application/auth/change-password';
import { forgotPassword, resetPassword } from '@coucou/application/auth/forgotten-password';
import { login } from '@coucou/application/auth/login';
import { consumeMagicLink, requestMagicLink } from '@coucou/application/auth/magic-link';
import { me } from '@coucou/application/auth/me';
import { changeEmail } from '@coucou/application/auth/change-email';
import type { Authenticated } from '@coucou/application/auth/open-session';
import { refresh } from '@coucou/application/auth/refresh';
import { verifyEmail } from '@coucou/application/auth/verify-email';
import { AccessTokens } from '@coucou/application/ports/tokens';
import { DEFAULT_ACCOUNT_SETTINGS } from '@coucou/domain/accounts/account-settings';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { refusal } from '../calls.ts';
import { kindsOf, mailsTo, PASSWORD, signedIn, signUp, stranger, tokenTo } from './mailed.ts';

let app: TestApp;
let account: AccountId;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
const noon = new Date('2026-01-15T12:00:00.000Z');
const later = (seconds: number) => {
  app.time.now = new Date(noon.getTime() + seconds * 1000);
};
beforeEach(async () => {
  account = await app.account();
  app.settings.guesses = [];
  later(0);
});

let people = 0;
const freshAddress = () => `somebody${(people += 1)}@example.com`;
const somebody = () => signUp(app, account, `member${(people += 1)}`);
const addressOf = ({ user }: Authenticated) => user.email ?? '';
const request = (email: string) => app.run(requestMagicLink, { email }, stranger(account));
const consume = (token: string) => app.run(consumeMagicLink, { token }, stranger(account));
async function tokenFor(email: string): Promise<string> {
  await request(email);
  return tokenTo(app, email, 'magic-link');
}
const decide = (settings: object) =>
  app.uow.write(account, (tx) => tx.accounts.updateSettings({ ...DEFAULT_ACCOUNT_SETTINGS, ...settings }));

describe('a magic link', () => {
  it('signs in whoever has the mailbox', async () => {
    const alice = await somebody();
    await app.run(verifyEmail, { token: await tokenTo(app, addressOf(alice), 'verify-email') }, signedIn(alice));
    const phone = await consume(await tokenFor(addressOf(alice)));
    expect(phone).toMatchObject({ user: { id: alice.user.id }, session: { method: 'magic_link' } });
    expect(phone.session.id).not.toBe(alice.session.id);
    await app.run(refresh, { refreshToken: alice.refreshToken }, stranger(account));
    await app.run(login, { identifier: alice.user.username, password: PASSWORD }, stranger(account));
  });

  it('signs in once, within 10 minutes, by the token as it was sent', async () => {
    const alice = await somebody();
    const token = await tokenFor(addressOf(alice));
    for (const wrong of ['x', `${token}x`, alice.accessToken, alice.refreshToken, await tokenTo(app, addressOf(alice), 'verify-email')])
      expect(await refusal(consume(wrong))).toBe('LINK_INVALID');
    await consume(token);
    expect(await refusal(consume(token))).toBe('LINK_INVALID');
    const [last, late] = [await tokenFor(addressOf(alice)), await tokenFor(addressOf(alice))];
    expect((await mailsTo(app, addressOf(alice)))[0]?.text).toContain('good for 10 minutes');
    later(599);
    await consume(last);
    later(600);
    expect(await refusal(consume(late))).toBe('LINK_INVALID');
  });

  it('is void once the password has changed', async () => {
    const alice = await somebody();
    const token = await tokenFor(addressOf(alice));
    await app.run(changePassword, { currentPassword: PASSWORD, newPassword: 'another battery' }, signedIn(alice));
    expect(await refusal(consume(token))).toBe('LINK_INVALID');
  });

  it('signs up somebody new by a name that says nothing of their address, once for all links', async () => {
    const email = freshAddress();
    const [first, second] = [await tokenFor(email), await tokenFor(email)];
    await consume(first);
    const signedUp = await consume(second);
    expect(signedUp.user).toMatchObject({
      email,
      emailVerified: true,
      role: 'member',
      username: expect.stringMatching(/^user-[0-9a-f]{10}$/),
    });
    expect(await kindsOf(app, signedUp)).toEqual(['signed_in', 'signed_in', 'signed_up']);
    expect(await app.run(me, {}, signedIn(signedUp))).toMatchObject({ user: { id: signedUp.user.id } });
  });

  it('makes one person of two links that are followed at once', async () => {
    const email = freshAddress();
    const tokens = [await tokenFor(email), await tokenFor(email)];
    const outcomes = await Promise.allSettled(tokens.map(consume));
    const ids = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value.user.id] : []));
    expect(new Set(ids).size).toBe(1);
    const codes = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
    expect(codes.filter((code) => code !== 'EMAIL_TAKEN')).toEqual([]);
  });

  it.each([{ signup: 'invite' }, { signup: 'closed' }, { emailDomains: ['example.org'] }])(
    'is not sent to somebody new where not anybody may sign up: %j',
    async (settings) => {
      const early = freshAddress();
      const token = await tokenFor(early);
      await decide(settings);
      const email = freshAddress();
      await request(email);
      expect(await mailsTo(app, email)).toEqual([]);
      // One that was sent before does not sign up any more either.
      expect(await refusal(consume(token))).toBe('LINK_INVALID');
    },
  );

  it('leads to the app of the account', async () => {
    await decide({ appUrl: 'https://app.example.com/chat' });
    const email = freshAddress();
    await request(email);
    const [mail] = await mailsTo(app, email);
    expect(mail?.link).toMatch(/^https:\/\/app\.example\.com\/chat\/magic-link#token=[\w.-]+$/);
    expect(mail?.subject).toBe('Sign in to app.example.com');
  });

  it('does not sign in who is suspended, and belongs to its account', async () => {
    const alice = await somebody();
    const token = await tokenFor(addressOf(alice));
    const other = await app.account();
    expect(await refusal(app.run(consumeMagicLink, { token }, { ...stranger(other), namedAccount: other }))).toBe('FORBIDDEN');
    await app.uow.write(account, (tx) => tx.suspensions.set(alice.user.id, true));
    expect(await refusal(consume(token))).toBe('USER_SUSPENDED');
    await app.uow.write(account, (tx) => tx.suspensions.set(alice.user.id, false));
    expect(await consume(token)).toMatchObject({ user: { id: alice.user.id } });
  });

  it('holds no secret in the outbox', async () => {
    await app.settled();
    const email = freshAddress();
    await request(email);
    const worker = app.storage.outbox.worker(['mail.due']);
    const { events } = await worker.claim(10);
    expect(events.map(({ event }) => event)).toMatchObject([{ order: { kind: 'magicLink', email } }]);
    expect(JSON.stringify(events)).not.toContain('token');
    await worker.close();
  });
});

/** Mallory signs up with the address of a victim, and waits. */
describe('whoever signed up with the address of somebody else', () => {
  const proofs = {
    'a magic link': async (email: string) => void (await consume(await tokenFor(email))),
    'a new password': async (email: string) => {
      await app.run(forgotPassword, { email }, stranger(account));
      const token = await tokenTo(app, email, 'reset-password');
      await app.run(resetPassword, { token, password: 'of the victim' }, stranger(account));
    },
  };

  it.each(Object.entries(proofs))('has nothing left once the owner proves the mailbox by %s', async (_, prove) => {
    const mallory = await somebody();
    const again = await app.run(login, { identifier: mallory.user.username, password: PASSWORD }, stranger(account));
    const email = addressOf(mallory);
    // A change of address that is under way, to a mailbox of Mallory's.
    await app.run(changeEmail, { email: 'mallory@example.net', password: PASSWORD }, signedIn(mallory));
    const moving = await tokenTo(app, 'mallory@example.net', 'verify-email');
    const verification = await tokenTo(app, email, 'verify-email');
    app.events.length = 0;
    await prove(email);
    for (const { refreshToken, accessToken } of [mallory, again]) {
      expect(await refusal(app.run(refresh, { refreshToken }, stranger(account)))).toBe('SESSION_REVOKED');
      expect(await refusal(app.container.resolve(AccessTokens).verify(accessToken))).toBe('SESSION_REVOKED');
    }
    expect(await refusal(app.run(login, { identifier: mallory.user.username, password: PASSWORD }, stranger(account)))).toBe(
      'INVALID_CREDENTIALS',
    );
    for (const token of [moving, verification])
      expect(await refusal(app.run(verifyEmail, { token }, signedIn(mallory)))).toBe('LINK_INVALID');
    expect(await kindsOf(app, mallory)).toEqual(expect.arrayContaining(['credentials_dropped', 'email_verified']));
    expect(app.events.filter(({ type }) => type === 'access.changed')).toMatchObject([
      { change: { is: 'ended', reason: 'unproven', sessionIds: expect.arrayContaining([mallory.session.id, again.session.id]) } },
    ]);
    const known = await app.uow.read(account, (tx) => tx.users.lookupByIdentifier(email));
    expect(known?.user).toMatchObject({ id: mallory.user.id, emailVerified: true });
  });

  type Guessing = Readonly<{ user: Authenticated['user']; deviceToken?: string }>;
  const wrongly = ({ user, deviceToken }: Guessing) =>
    refusal(app.run(login, { identifier: user.username, password: 'not this one', deviceToken }, stranger(account)));
  const useUpTries = async ({ user }: Guessing) => {
    for (let tries = 0; tries < 2; tries += 1) expect(await wrongly({ user })).toBe('INVALID_CREDENTIALS');
    expect(await wrongly({ user })).toBe('RATE_LIMITED');
  };

  it.each(Object.entries(proofs))('guesses like any stranger once the owner proves the mailbox by %s', async (_, prove) => {
    app.settings.guesses = [{ limit: 2, windowSeconds: 60 }];
    const mallory = await somebody();
    await useUpTries(mallory);
    expect(await wrongly(mallory)).toBe('INVALID_CREDENTIALS');
    await prove(addressOf(mallory));
    expect(await wrongly(mallory)).toBe('RATE_LIMITED');
  });

  it('is known on their device still, who proved the mailbox of a sign-up themselves', async () => {
    app.settings.guesses = [{ limit: 2, windowSeconds: 60 }];
    const alice = await somebody();
    await app.run(verifyEmail, { token: await tokenTo(app, addressOf(alice), 'verify-email') }, signedIn(alice));
    await useUpTries(alice);
    const { deviceToken } = alice;
    expect(await app.run(login, { identifier: alice.user.username, password: PASSWORD, deviceToken }, stranger(account))).toBeDefined();
  });

  it('keeps what is theirs once they have proven the mailbox themselves: a later proof drops nothing', async () => {
    const alice = await somebody();
    await app.run(verifyEmail, { token: await tokenTo(app, addressOf(alice), 'verify-email') }, signedIn(alice));
    await consume(await tokenFor(addressOf(alice)));
    expect(await app.run(refresh, { refreshToken: alice.refreshToken }, stranger(account))).toMatchObject({ refresh: 'rotated' });
    expect(await app.run(login, { identifier: alice.user.username, password: PASSWORD }, stranger(account))).toBeDefined();
  });

  it('gets nothing proven by an owner who follows the link of the sign-up without being signed in', async () => {
    const mallory = await somebody();
    const victim = await somebody();
    const token = await tokenTo(app, addressOf(mallory), 'verify-email');
    expect(await refusal(app.run(verifyEmail, { token }, signedIn(victim)))).toBe('LINK_INVALID');
    const known = await app.uow.read(account, (tx) => tx.users.lookup(mallory.user.id));
    expect(known?.emailVerified).toBe(false);
  });
});
