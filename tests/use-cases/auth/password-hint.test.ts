import { passwordHint } from '@coucou/application/auth/password-hint';
import { signup } from '@coucou/application/auth/signup';
import { DEFAULT_ACCOUNT_SETTINGS } from '@coucou/domain/accounts/account-settings';
import type { ChatError } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { anonymous, refusal } from '../calls.ts';

let app: TestApp;
let account: AccountId;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  account = await app.account();
});

const form = { username: 'alice-of-paris', email: 'alice.martin@mail.example.com', displayName: 'Alice Martin' };
const settings = (change: object) => app.uow.write(account, (tx) => tx.accounts.updateSettings({ ...DEFAULT_ACCOUNT_SETTINGS, ...change }));
const hint = (input: Record<string, unknown>) => app.visitor(account).call('auth.passwordHint', input);

it('says how hard a password is to guess, with codes and sentences', async () => {
  expect(await hint({ password: 'P4ssw0rd!' })).toEqual({
    score: 1,
    warning: { code: 'similar_to_common', text: 'This is close to a common password.' },
    suggestions: [
      { code: 'another_word', text: 'Add another word or two, uncommon ones.' },
      { code: 'capitalization', text: 'A capital at the beginning adds little.' },
      { code: 'l33t', text: 'Signs in place of letters, such as "@" for "a", add little.' },
    ],
    accepted: true,
    refusal: null,
  });
  expect(await hint({ password: 'correct horse battery' })).toEqual({
    score: 4,
    warning: null,
    suggestions: [],
    accepted: true,
    refusal: null,
  });
});

it('takes what is in the form for known', async () => {
  const password = 'alice martin paris';
  const [known, unknown] = [await hint({ ...form, password }), await hint({ password })];
  expect(known.score).toBeLessThan(unknown.score);
});

it.each(['default', 'nist-aal1'] as const)(
  'refuses by the policy %s what a sign-up refuses, for the same reason',
  async (passwordPolicy) => {
    await settings({ passwordPolicy });
    const passwords = [
      'x4!qz9-',
      'x4!qz9-k',
      'password123',
      'alice.martin@mail.example.com',
      'Alice Martin Alice Martin',
      'aaaaaaaabbbbbbbb',
    ];
    for (const [at, password] of [...passwords, 'abc'.repeat(43), 'an unremarkable sentence'].entries()) {
      const told = await hint({ ...form, password });
      const refused = await app.run(signup, { ...form, username: `${form.username}${at}`, password }, anonymous(account)).then(
        () => null,
        (error: ChatError) => (error.code === 'PASSWORD_TOO_WEAK' ? error.details : null),
      );
      expect([password, told.refusal]).toEqual([password, refused]);
      expect(told.accepted).toBe(refused === null);
    }
  },
);

it('asks for fewer characters where the password is not the only factor', async () => {
  await settings({ passwordPolicy: 'nist-aal1' });
  const password = 'x4!qz9-k';
  expect(await hint({ password })).toMatchObject({ accepted: false, refusal: { reason: 'length', min: 15, max: 128 } });
  expect(await hint({ password, secondFactor: true })).toMatchObject({ accepted: true, refusal: null });
});

it('is given so often to one network', async () => {
  const ask = (ip: string) =>
    app.run(passwordHint, { password: 'correct horse' }, { ...anonymous(account), client: { ip, userAgent: 'a test' } });
  for (let times = 0; times < 60; times += 1) await ask(`2001:db8:1:2::${times}`);
  expect(await refusal(ask('2001:db8:1:2::ffff'))).toBe('RATE_LIMITED');
  await ask('2001:db8:1:3::1');
});
