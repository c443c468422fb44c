import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { refusal } from '../calls.ts';

/** Which names people may sign up with, and which of them are one. */

let app: TestApp;
let alice: Caller;
beforeAll(async () => {
  app = await openTestApp();
  alice = await app.person('alice');
});
afterAll(() => app.close());

const password = 'a long enough password';
const address = () => `n${randomBytes(4).toString('hex')}@example.com`;
const signUp = (who: Caller, username: string, email = address()) => who.call('auth.signup', { username, email, password });
const logIn = async (who: Caller, identifier: string) => (await who.call('auth.login', { identifier, password })).user.id;

it.each(['हिन्दी', 'विद्या', 'วิทยา', 'தமிழ்', 'မြန်မာ', 'שָׁלוֹם', 'مُحَمَّد', 'josé', 'Nguyễn'])(
  'a username may be %s, however it is composed and whatever blanks are around it, at sign-up and login alike',
  async (name) => {
    const someone = await app.person('someone', await app.account());
    const { user } = await signUp(someone, ` ${name.normalize('NFD')}\u00a0`);
    expect(user.username).toBe(name.normalize('NFC'));
    for (const form of ['NFC', 'NFD']) expect(await logIn(someone, `\t${name.normalize(form)} `)).toBe(user.id);
    expect(await refusal(signUp(someone, name.normalize('NFC')))).toBe('USERNAME_TAKEN');
  },
);

it.each([
  ['νικοσ', 'ΝΙΚΟΣ'],
  ['straße', 'STRASSE'],
  ['José', 'jose'],
  ['Łukasz', 'lukasz'],
  ['محمد', 'مـــحمد'],
  ['ＡＢＣ', 'abc'],
])('%s is taken when it is written %s', async (name, other) => {
  const someone = await app.person('someone', await app.account());
  const { user } = await signUp(someone, name);
  expect(await refusal(signUp(someone, other))).toBe('USERNAME_TAKEN');
  expect(await logIn(someone, other)).toBe(user.id);
});

it('a username has a letter or digit, at most four marks on one, and no more letters when it is decomposed', async () => {
  for (const wrong of [
    '\u0301abc',
    'ـــ',
    'a\u0301\u0302\u0303\u0304\u0305b',
    'ab',
    'a b',
    'x'.repeat(33),
    'é'.repeat(33).normalize('NFD'),
  ])
    expect([wrong, await refusal(signUp(alice, wrong))]).toEqual([wrong, 'VALIDATION_FAILED']);
  const longest = 'ấ'.repeat(32);
  expect((await signUp(await app.person('x', await app.account()), longest.normalize('NFD'))).user.username).toBe(longest);
});

it('a username and an address may have blanks around them', async () => {
  const someone = await app.person('someone', await app.account());
  const email = address();
  const { user } = await signUp(someone, 'newcomer ', ` ${email} `);
  expect(user.email).toBe(email);
  expect(await logIn(someone, ` ${email}\n`)).toBe(user.id);
  expect(await refusal(someone.call('auth.login', { identifier: '   ', password }))).toBe('INVALID_CREDENTIALS');
});
