import { enrollTotp } from '@coucou/application/auth/enroll-totp';
import { consumeMagicLink } from '@coucou/application/auth/magic-link';
import * as totp from '@coucou/application/auth/totp';
import { SealedTokens } from '@coucou/application/ports/sealed-tokens';
import { ChatError } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { anonymous } from '../calls.ts';
import { challengeOf, outcome } from './outcomes.ts';
import { code, NOON, secondFactorPeople } from './second-factor-people.ts';

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

const { signUp, as, at, from, logIn, answer, eventsOf, enrolled } = secondFactorPeople(() => ({ app, account }));
type Person = Awaited<ReturnType<typeof signUp>>;

describe('an authenticator app', () => {
  it('asks for codes from its first one on', async () => {
    const alice = await signUp();
    const { secret, uri } = await app.run(enrollTotp, {}, as(alice));
    expect(uri).toMatch(/^otpauth:\/\/totp\/Other:alice\?/);
    expect(uri).toContain(`secret=${secret}`);
    expect(await outcome(logIn())).toBe('in');
    const wrong = code(secret, 3_000);
    expect(await outcome(app.run(totp.confirmTotp, { code: wrong }, as(alice)))).toBe('CODE_INVALID');
    const { recoveryCodes } = await app.run(totp.confirmTotp, { code: code(secret, 0) }, as(alice));
    expect(new Set(recoveryCodes).size).toBe(10);
    expect(recoveryCodes.every((each) => /^[0-9a-z]{4}(-[0-9a-z]{4}){5}$/.test(each))).toBe(true);
    expect(await challengeOf(logIn())).toMatchObject({ methods: ['totp', 'recovery_code'], enroll: false });
    expect(await app.run(totp.listSecondFactors, {}, as(alice))).toEqual({ totp: true, recoveryCodes: 10, passkeys: 0 });
    expect(await eventsOf(alice)).toContain('second_factor_added');
  });

  it('keeps its secret sealed, for this person alone', async () => {
    const alice = await signUp();
    const bob = await signUp('bob');
    const { secret, recoveryCodes } = await enrolled(alice);
    const row = await app.uow.read(account, (tx) => tx.secondFactors.lookup(alice.user.id));
    expect(JSON.stringify(row)).not.toContain(secret);
    await app.run(enrollTotp, {}, as(bob));
    await app.uow.write(account, (tx) => tx.secondFactors.put({ ...(row as NonNullable<typeof row>), userId: bob.user.id }));
    const stolen = logIn({ identifier: 'bob', totp: code(secret, 30) });
    await expect(stolen).rejects.not.toBeInstanceOf(ChatError);
    expect(recoveryCodes.join()).not.toContain(secret);
  });

  it.each([
    ['of the step before', -30, 'in'],
    ['of the step after', 30, 'in'],
    ['of two steps before', -60, 'CODE_INVALID'],
    ['of two steps after', 60, 'CODE_INVALID'],
  ])('takes a code %s: %#', async (_, seconds, answered) => {
    const { secret } = await enrolled(await signUp());
    at(3_600);
    expect(await outcome(logIn({ totp: code(secret, 3_600 + seconds) }))).toBe(answered);
  });

  it('takes a code once, and none from before it', async () => {
    const { secret } = await enrolled(await signUp());
    expect(await outcome(logIn({ totp: code(secret, 0) }))).toBe('CODE_INVALID');
    at(90);
    expect(await outcome(logIn({ totp: code(secret, 120) }))).toBe('in');
    expect(await outcome(logIn({ totp: code(secret, 120) }))).toBe('CODE_INVALID');
    expect(await outcome(logIn({ totp: code(secret, 90) }))).toBe('CODE_INVALID');
    at(150);
    expect(await outcome(logIn({ totp: code(secret, 150) }))).toBe('in');
  });

  it('is not guessed: ten wrong codes, from wherever, and nothing is answered any more; recovery codes are counted apart', async () => {
    const alice = await signUp();
    const { secret, recoveryCodes } = await enrolled(alice);
    at(60);
    const { challenge } = await challengeOf(logIn());
    const wrong = code(secret, 9_000);
    const tried: string[] = [];
    for (let i = 0; i < 12; i += 1) tried.push(await outcome(answer({ challenge, totp: wrong }, from(`198.51.100.${i}`))));
    expect(tried).toEqual([...Array.from({ length: 10 }, () => 'CODE_INVALID'), 'RATE_LIMITED', 'RATE_LIMITED']);
    expect(await outcome(answer({ challenge, totp: code(secret, 60) }))).toBe('RATE_LIMITED');
    expect((await eventsOf(alice)).filter((kind) => kind === 'second_factor_failed')).toHaveLength(10);
    // The owner: on a device of theirs, or by a recovery code.
    expect(await outcome(answer({ challenge, totp: code(secret, 60), deviceToken: alice.deviceToken }))).toBe('in');
    expect(await outcome(logIn({ recoveryCode: recoveryCodes[0] }))).toBe('in');
  });

  it('is disabled, and another is set up', async () => {
    const alice = await signUp();
    const { recoveryCodes } = await enrolled(alice);
    expect(await outcome(app.run(enrollTotp, {}, as(alice)))).toBe('SECOND_FACTOR_EXISTS');
    await app.run(totp.disableTotp, {}, as(alice));
    expect(await outcome(app.run(totp.disableTotp, {}, as(alice)))).toBe('SECOND_FACTOR_NOT_FOUND');
    expect(await outcome(logIn())).toBe('in');
    at(300);
    const { secret } = await app.run(enrollTotp, {}, as(alice));
    await app.run(totp.confirmTotp, { code: code(secret, 300) }, as(alice));
    expect(await outcome(logIn({ recoveryCode: recoveryCodes[0] }))).toBe('CODE_INVALID');
  });
});

describe('recovery codes', () => {
  it('open a session once each, however they are typed', async () => {
    const alice = await signUp();
    const [first = '', second = ''] = (await enrolled(alice)).recoveryCodes;
    expect(await outcome(logIn({ recoveryCode: first.toUpperCase().replaceAll('-', ' ').replaceAll('0', 'O') }))).toBe('in');
    expect(await outcome(logIn({ recoveryCode: first }))).toBe('CODE_INVALID');
    const { challenge } = await challengeOf(logIn());
    expect(await outcome(answer({ challenge, recoveryCode: second }))).toBe('in');
    expect(await app.run(totp.listSecondFactors, {}, as(alice))).toMatchObject({ recoveryCodes: 8 });
    expect((await eventsOf(alice)).filter((kind) => kind === 'recovery_code_used')).toHaveLength(2);
  });

  it('are those of one person, and the newest ten', async () => {
    const alice = await signUp();
    const bob = await signUp('bob');
    const { recoveryCodes } = await enrolled(alice);
    await enrolled(bob);
    expect(await outcome(logIn({ identifier: 'bob', recoveryCode: recoveryCodes[0] }))).toBe('CODE_INVALID');
    const renewed = await app.run(totp.renewRecoveryCodes, {}, as(alice));
    expect(await outcome(logIn({ recoveryCode: recoveryCodes[0] }))).toBe('CODE_INVALID');
    expect(await outcome(logIn({ recoveryCode: renewed.recoveryCodes[0] }))).toBe('in');
  });
});

describe('a challenge', () => {
  it('opens one session, expires, and dies with the password', async () => {
    const alice = await signUp();
    const { secret } = await enrolled(alice);
    at(60);
    const { challenge } = await challengeOf(logIn());
    expect(await outcome(answer({ challenge, totp: code(secret, 9_000) }))).toBe('CODE_INVALID');
    expect(await outcome(answer({ challenge, totp: code(secret, 60) }))).toBe('in');
    at(120);
    expect(await outcome(answer({ challenge, totp: code(secret, 120) }))).toBe('CODE_INVALID');
    const another = await challengeOf(logIn());
    at(120 + 900);
    expect(await outcome(answer({ challenge: another.challenge, totp: code(secret, 1_020) }))).toBe('CODE_INVALID');
    const third = await challengeOf(logIn());
    await app.uow.write(account, (tx) => tx.users.setPassword(alice.user.id, undefined));
    expect(await outcome(answer({ challenge: third.challenge, totp: code(secret, 1_020) }))).toBe('CODE_INVALID');
  });

  it('is one person’s: no code of another answers it, and none is made up or taken from elsewhere', async () => {
    const alice = await signUp();
    const bob = await signUp('bob');
    await enrolled(alice);
    const { secret } = await enrolled(bob);
    at(60);
    const { challenge } = await challengeOf(logIn());
    expect(await outcome(answer({ challenge, totp: code(secret, 60) }))).toBe('CODE_INVALID');
    for (const other of ['made up', alice.refreshToken, alice.deviceToken ?? ''])
      expect(await outcome(answer({ challenge: other, totp: code(secret, 60) }))).toBe('CODE_INVALID');
    const elsewhere = await app.account();
    expect(await outcome(answer({ challenge, totp: code(secret, 60) }, { ...anonymous(elsewhere), namedAccount: elsewhere }))).toBe(
      'FORBIDDEN',
    );
  });

  it('is not told apart by a wrong password: whoever lacks it learns nothing of the second factor', async () => {
    const { secret } = await enrolled(await signUp());
    await signUp('bob');
    for (const identifier of ['alice', 'bob', 'nobody'])
      for (const more of [{}, { totp: code(secret, 30) }, { recoveryCode: 'any' }]) {
        const refused = await logIn({ identifier, password: 'not this one', ...more }, from(`192.0.2.${identifier.length}`)).catch(
          (e) => e,
        );
        expect(refused).toMatchObject({ code: 'INVALID_CREDENTIALS', details: {} });
      }
  });
});

describe('a link in a mail', () => {
  const link = ({ user }: Person) =>
    app.container
      .resolve(SealedTokens)
      .seal('magic-link', { account, userId: user.id, email: user.email, version: 0 }, new Date(NOON + 600_000));
  const verified = ({ user }: Person) => app.uow.write(account, (tx) => tx.credentials.proveEmail(user.id));

  it('asks for the second factor as well, and is spent by that', async () => {
    const alice = await signUp();
    await verified(alice);
    const { secret } = await enrolled(alice);
    at(60);
    const token = link(alice);
    const { challenge } = await challengeOf(app.run(consumeMagicLink, { token }, anonymous(account)));
    expect(await outcome(app.run(consumeMagicLink, { token }, anonymous(account)))).toBe('LINK_INVALID');
    expect(await outcome(answer({ challenge, totp: code(secret, 60) }))).toBe('in');
  });

  it('drops an app that was set up before the mailbox was proven, and lets nobody set one up after', async () => {
    const mallory = await signUp();
    const { secret } = await enrolled(mallory);
    expect(await outcome(app.run(consumeMagicLink, { token: link(mallory) }, anonymous(account)))).toBe('in');
    expect(await app.uow.read(account, (tx) => tx.secondFactors.lookup(mallory.user.id))).toBeUndefined();
    expect(await outcome(app.run(enrollTotp, {}, as(mallory)))).toBe('SESSION_REVOKED');
    expect(await outcome(app.run(totp.confirmTotp, { code: code(secret, 0) }, as(mallory)))).toBe('SESSION_REVOKED');
  });
});
