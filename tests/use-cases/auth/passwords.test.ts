import { changePassword } from '@coucou/application/auth/change-password';
import { forgotPassword, resetPassword } from '@coucou/application/auth/forgotten-password';
import { login } from '@coucou/application/auth/login';
import { consumeMagicLink, requestMagicLink } from '@coucou/application/auth/magic-link';
import type { Authenticated } from '@coucou/application/auth/open-session';
import { refresh } from '@coucou/application/auth/refresh';
import { PasswordHasher } from '@coucou/application/ports/password-hasher';
import { errors } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { override } from '@coucou/server/composition/ports';
import { createPasswordHasher } from '@coucou/security/password-hasher';
import argon2 from 'argon2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { refusal } from '../calls.ts';
import { kindsOf, limited, mailsTo, PASSWORD, signedIn, signUp, stranger, tokenTo } from './mailed.ts';

const real = createPasswordHasher({ concurrency: 2 });
/** Passes passwords on, unless a test holds one of them. */
const gates = new Map<string, Readonly<{ reached: () => void; opened: Promise<void> }>>();
let isFull = false;
const hasher: PasswordHasher = {
  ...real,
  hash: (password, from) => (isFull ? Promise.reject(errors.OVERLOADED()) : real.hash(password, from)),
  async verify(password, hash, from) {
    const verified = await real.verify(password, hash, from);
    gates.get(password)?.reached();
    await gates.get(password)?.opened;
    return verified;
  },
};

let app: TestApp;
let account: AccountId;
beforeAll(async () => {
  app = await openTestApp({ overrides: [override(PasswordHasher, hasher), limited] });
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

const NEW = 'a battery that is new';
let people = 0;
const somebody = () => signUp(app, account, `person${(people += 1)}`);
const addressOf = ({ user }: Authenticated) => user.email ?? '';
const forgot = (email: string) => app.run(forgotPassword, { email }, stranger(account));
const reset = (token: string, password = NEW) => app.run(resetPassword, { token, password }, stranger(account));
const logIn = ({ user }: Authenticated, password: string) => app.run(login, { identifier: user.username, password }, stranger(account));
const rotate = ({ refreshToken }: Authenticated) => app.run(refresh, { refreshToken }, stranger(account));
async function resetToken(person: Authenticated): Promise<string> {
  await forgot(addressOf(person));
  return tokenTo(app, addressOf(person), 'reset-password');
}

describe('a weaker hash than those of today', () => {
  const weaken = ({ user }: Authenticated, digest: string) => app.uow.write(account, (tx) => tx.users.updatePasswordHash(user.id, digest));
  const hashOf = async ({ user }: Authenticated) =>
    (await app.uow.read(account, (tx) => tx.users.lookupCredentials(user.id)))?.passwordHash;

  it('is raised by a login, or by the next one where there is no room for it: the right password opens in any case', async () => {
    const alice = await somebody();
    const weak = await argon2.hash(PASSWORD, { memoryCost: 1_024, timeCost: 2, parallelism: 1 });
    await weaken(alice, weak);
    isFull = true;
    await logIn(alice, PASSWORD).finally(() => (isFull = false));
    expect(await hashOf(alice)).toBe(weak);
    await logIn(alice, PASSWORD);
    expect(real.needsRehash((await hashOf(alice)) ?? '')).toBe(false);
    await logIn(alice, PASSWORD);
  });
});

describe('a forgotten password', () => {
  it('is replaced by the link of a mail, which signs out everywhere', async () => {
    const alice = await somebody();
    const phone = await logIn(alice, PASSWORD);
    await reset(await resetToken(alice));
    for (const session of [alice, phone]) expect(await refusal(rotate(session))).toBe('SESSION_REVOKED');
    expect(await refusal(logIn(alice, PASSWORD))).toBe('INVALID_CREDENTIALS');
    expect(await logIn(alice, NEW)).toMatchObject({ user: { id: alice.user.id, emailVerified: true } });
    expect(await mailsTo(app, addressOf(alice))).toMatchObject([{ subject: 'Your password for 127.0.0.1:3000 was changed' }, {}, {}]);
  });

  it('is asked for with the same work and answer whether or not somebody has the address', async () => {
    const alice = await somebody();
    await app.settled();
    const dueAfter = async (email: string) => {
      const answer = await forgot(email);
      const { waiting: due } = await app.storage.outbox.lag();
      await app.settled();
      return [answer, due];
    };
    expect(await dueAfter(addressOf(alice))).toEqual(await dueAfter('nobody@example.com'));
    expect(await mailsTo(app, 'nobody@example.com')).toEqual([]);
  });

  it('is replaced once', async () => {
    const token = await resetToken(await somebody());
    await reset(token);
    expect(await refusal(reset(token))).toBe('LINK_INVALID');
  });

  it('is replaced within an hour, by the token as it was sent', async () => {
    const alice = await somebody();
    const token = await resetToken(alice);
    for (const wrong of ['x', `${token}x`, alice.accessToken, await tokenTo(app, addressOf(alice), 'verify-email')])
      expect(await refusal(reset(wrong))).toBe('LINK_INVALID');
    later(3_600);
    expect(await refusal(reset(token))).toBe('LINK_INVALID');
  });

  it('is replaced by one of several links, and then by none', async () => {
    const alice = await somebody();
    const [first, second] = [await resetToken(alice), await resetToken(alice)];
    await reset(second);
    expect(await refusal(reset(first))).toBe('LINK_INVALID');
  });

  it('keeps the link when the new one is too weak', async () => {
    const alice = await somebody();
    const token = await resetToken(alice);
    for (const weak of ['short', 'password123', addressOf(alice), alice.user.username.padEnd(8, '!').slice(0, 8) && alice.user.username])
      expect(await refusal(reset(token, weak))).toBe('PASSWORD_TOO_WEAK');
    await reset(token);
    await logIn(alice, NEW);
  });

  it('is asked for so often, without a word to whoever asks, and the last links are good', async () => {
    const alice = await somebody();
    for (let times = 0; times < 15; times += 1) await forgot(addressOf(alice));
    const mails = await mailsTo(app, addressOf(alice));
    expect(mails.filter(({ link }) => link?.includes('reset-password'))).toHaveLength(10);
    // Other mails have a budget of their own, so a stranger's tries keep the owner from nothing.
    await app.run(requestMagicLink, { email: addressOf(alice) }, stranger(account));
    await app.run(consumeMagicLink, { token: await tokenTo(app, addressOf(alice), 'magic-link') }, stranger(account));
  });

  it('is asked for so often from one network', async () => {
    const call = stranger(account);
    for (let times = 0; times < 10; times += 1) await app.run(forgotPassword, { email: `nobody${times}@example.com` }, call);
    expect(await refusal(app.run(forgotPassword, { email: 'nobody@example.com' }, call))).toBe('RATE_LIMITED');
  });

  it('belongs to its account', async () => {
    const alice = await somebody();
    const token = await resetToken(alice);
    const other = await app.account();
    expect(await refusal(app.run(resetPassword, { token, password: NEW }, { ...stranger(other), namedAccount: other }))).toBe('FORBIDDEN');
    // Who names no account has the one of the token.
    await app.run(resetPassword, { token, password: NEW }, stranger(other));
    await logIn(alice, NEW);
  });

  it('ends a sign-in with the old one that was under way', async () => {
    const alice = await somebody();
    const token = await resetToken(alice);
    const [reached, opened] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    gates.set(PASSWORD, { reached: reached.resolve, opened: opened.promise });
    const underWay = refusal(logIn(alice, PASSWORD));
    await reached.promise;
    gates.delete(PASSWORD);
    await reset(token);
    opened.resolve();
    expect(await underWay).toBe('INVALID_CREDENTIALS');
  });
});

describe('a change of password', () => {
  const change = (person: Authenticated, currentPassword?: string, newPassword = NEW) =>
    app.run(changePassword, { currentPassword, newPassword }, signedIn(person));

  it('takes the old one, and signs out the other devices alone', async () => {
    const alice = await somebody();
    const phone = await logIn(alice, PASSWORD);
    expect(await refusal(change(alice, 'wrong'))).toBe('INVALID_CREDENTIALS');
    expect(await refusal(change(alice))).toBe('REAUTHENTICATION_REQUIRED');
    expect(await refusal(change(alice, PASSWORD, 'short'))).toBe('PASSWORD_TOO_WEAK');
    await change(alice, PASSWORD);
    expect(await refusal(rotate(phone))).toBe('SESSION_REVOKED');
    await rotate(alice);
    expect(await refusal(logIn(alice, PASSWORD))).toBe('INVALID_CREDENTIALS');
    await logIn(alice, NEW);
    expect((await kindsOf(app, alice))[1]).toBe('password_changed');
  });

  it('voids links that were sent before', async () => {
    const alice = await somebody();
    const token = await resetToken(alice);
    await change(alice, PASSWORD);
    expect(await refusal(reset(token))).toBe('LINK_INVALID');
  });

  it('happens once of many at once', async () => {
    const alice = await somebody();
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, (_, at) => change(alice, PASSWORD, `${NEW} ${at}`)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('gives a first one to who has none, soon after they signed in', async () => {
    const email = `person${(people += 1)}@example.com`;
    await app.run(requestMagicLink, { email }, stranger(account));
    const alice = await app.run(consumeMagicLink, { token: await tokenTo(app, email, 'magic-link') }, stranger(account));
    later(600);
    expect(await refusal(change(alice))).toBe('REAUTHENTICATION_REQUIRED');
    later(599);
    await change(alice);
    await logIn(alice, NEW);
  });
});
