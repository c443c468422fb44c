import { putAccountSettings } from '@coucou/application/accounts/account-settings';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { enrollTotp } from '@coucou/application/auth/enroll-totp';
import { signup } from '@coucou/application/auth/signup';
import * as totp from '@coucou/application/auth/totp';
import type { AccountId, SessionId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { anonymous } from '../calls.ts';
import { addAdmin, challengeOf, outcome } from './outcomes.ts';
import { code, password, secondFactorPeople } from './second-factor-people.ts';

let app: TestApp;
let account: AccountId;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  app.settings.guesses = [{ limit: 10, windowSeconds: 900 }];
  account = await app.account();
  at(0);
});

const { signUp, as, at, logIn, answer, settings, enrolled } = secondFactorPeople(() => ({ app, account }));

describe('changing what one signs in with', () => {
  it('takes a recent sign-in or the password', async () => {
    const alice = await signUp();
    at(599);
    expect(await outcome(app.run(enrollTotp, {}, as(alice)))).toBe('in');
    at(600);
    expect(await outcome(app.run(enrollTotp, {}, as(alice)))).toBe('REAUTHENTICATION_REQUIRED');
    expect(await outcome(app.run(enrollTotp, { password: 'not this one' }, as(alice)))).toBe('INVALID_CREDENTIALS');
    const { secret } = await app.run(enrollTotp, { password }, as(alice));
    await app.run(totp.confirmTotp, { code: code(secret, 600) }, as(alice));
    expect(await outcome(app.run(totp.disableTotp, {}, as(alice)))).toBe('REAUTHENTICATION_REQUIRED');
    expect(await outcome(app.run(totp.renewRecoveryCodes, {}, as(alice)))).toBe('REAUTHENTICATION_REQUIRED');
    expect(await outcome(app.run(enrollTotp, { password }, anonymous(account)))).toBe('UNAUTHENTICATED');
    await app.run(totp.disableTotp, { password }, as(alice));
  });

  it('counts wrong passwords there for the session alone', async () => {
    const alice = await signUp();
    const tries: string[] = [];
    for (let i = 0; i < 11; i += 1) tries.push(await outcome(app.run(enrollTotp, { password: 'not this one' }, as(alice))));
    expect(tries.at(-1)).toBe('RATE_LIMITED');
    expect(await outcome(logIn())).toBe('in');
  });

  it('leaves no short password alone where the account asks for longer ones', async () => {
    const alice = await signUp('alice');
    await enrolled(alice);
    await settings({ passwordPolicy: 'nist-aal1' });
    expect(await outcome(app.run(totp.disableTotp, {}, as(alice)))).toBe('REAUTHENTICATION_REQUIRED');
    expect(await outcome(app.run(totp.disableTotp, { password }, as(alice)))).toBe('in');
    await settings({ passwordPolicy: 'default' });
    const bob = await app.run(signup, { username: 'bob', email: 'bob@example.com', password: 'x4!qz9-k' }, anonymous(account));
    await enrolled(bob);
    await settings({ passwordPolicy: 'nist-aal1' });
    expect(await outcome(app.run(totp.disableTotp, { password: 'x4!qz9-k' }, as(bob)))).toBe('PASSWORD_TOO_WEAK');
  });
});

describe('an account whose admins need a second factor', () => {
  it('lets one without in once an app is set up, by the challenge of the sign-in', async () => {
    await addAdmin(app, account, (await signUp('somebody')).user);
    await settings({ adminsNeedSecondFactor: true });
    const { challenge, methods, enroll } = await challengeOf(logIn());
    expect({ methods, enroll }).toEqual({ methods: [], enroll: true });
    expect(await outcome(answer({ challenge, totp: '123456' }))).toBe('CODE_INVALID');
    const { secret } = await app.run(enrollTotp, { challenge }, anonymous(account));
    const entered = await answer({ challenge, totp: code(secret, 0) });
    expect(entered).toMatchObject({ user: { username: 'alice', role: 'admin' } });
    expect(entered.recoveryCodes).toHaveLength(10);
    at(60);
    expect(await outcome(app.run(enrollTotp, { challenge }, anonymous(account)))).toBe('SECOND_FACTOR_EXISTS');
    expect(await outcome(answer({ challenge, totp: code(secret, 60) }))).toBe('CODE_INVALID');
    expect(await outcome(logIn({ totp: code(secret, 60) }))).toBe('in');
    expect(await outcome(app.run(totp.disableTotp, {}, as(entered)))).toBe('FORBIDDEN');
  });

  it('signs admins out who have none, when it begins to', async () => {
    const somebody = await signUp('somebody');
    await addAdmin(app, account, somebody.user);
    const [phone, laptop] = [await logIn(), await logIn()];
    const isOpen = ({ session }: { session: { id: SessionId } }) =>
      app.uow.read(account, async (tx) => (await tx.sessions.lookup(session.id))?.revoked === undefined);
    const authority = { by: 'person', userId: laptop.user.id, role: 'owner' } as const;
    await app.run(putAccountSettings, { adminsNeedSecondFactor: true }, { ...as(laptop), authority });
    // The session that demands it stays: it is who sees to the rest.
    expect([await isOpen(phone), await isOpen(laptop), await isOpen(somebody)]).toEqual([false, true, true]);
    // No second time, when something else is set.
    await app.run(putAccountSettings, { adminsNeedSecondFactor: true, guests: true }, operatorCall(account));
    expect(await isOpen(laptop)).toBe(true);
    await app.run(putAccountSettings, {}, operatorCall(account));
    await enrolled(laptop);
    await app.run(putAccountSettings, { adminsNeedSecondFactor: true }, operatorCall(account));
    expect(await isOpen(laptop)).toBe(true);
    await app.run(putAccountSettings, {}, operatorCall(account));
    await app.run(totp.disableTotp, {}, as(laptop));
    await app.run(putAccountSettings, { adminsNeedSecondFactor: true }, operatorCall(account));
    expect(await isOpen(laptop)).toBe(false);
  });

  it('asks nothing of others', async () => {
    await signUp('bob');
    await settings({ adminsNeedSecondFactor: true });
    expect(await outcome(logIn({ identifier: 'bob' }))).toBe('in');
  });

  it('takes a challenge of somebody with an app for no enrolment', async () => {
    const alice = await signUp();
    await enrolled(alice);
    const { challenge } = await challengeOf(logIn());
    expect(await outcome(app.run(enrollTotp, { challenge }, anonymous(account)))).toBe('CODE_INVALID');
  });
});
