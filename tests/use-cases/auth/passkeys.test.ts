import { login } from '@coucou/application/auth/login';
import { consumeMagicLink } from '@coucou/application/auth/magic-link';
import { passkeyLogin, passkeyLoginOptions } from '@coucou/application/auth/passkey-login';
import * as passkeys from '@coucou/application/auth/passkeys';
import { signup } from '@coucou/application/auth/signup';
import { SealedTokens } from '@coucou/application/ports/sealed-tokens';
import type { UserCall } from '@coucou/application/kernel/call';
import { DEFAULT_ACCOUNT_SETTINGS } from '@coucou/domain/accounts/account-settings';
import { MOST_PASSKEYS } from '@coucou/domain/auth/passkey';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { actionsOn } from '../../support/audit-log.ts';
import { type Authenticator, type Lies, softAuthenticator } from '../../support/authenticator.ts';
import { ids } from '../../support/fixtures.ts';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { anonymous } from '../calls.ts';
import { outcome } from './outcomes.ts';

const PAGE = 'http://localhost:3000';
let app: TestApp;
let account: AccountId;
let device: Authenticator;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  account = await app.account();
  device = softAuthenticator(PAGE);
  at(0);
});

const at = (seconds: number): Date => (app.time.now = new Date(Date.UTC(2026, 0, 15, 12) + seconds * 1000));
const password = 'correct horse battery';
type Person = Awaited<ReturnType<typeof signUp>>;
const signUp = (username = 'alice', where = account) =>
  app.run(signup, { username, email: `${username}@example.com`, password }, anonymous(where));
const as = ({ user, session }: Person): UserCall => ({ ...anonymous(user.accountId), actor: { userId: user.id, sessionId: session.id } });
const creation = (person: Person) => app.run(passkeys.passkeyRegisterOptions, {}, as(person));
const register = async (person: Person, lies: Lies = {}, by = device) =>
  app.run(passkeys.passkeyRegister, { credential: by.create(await creation(person), lies), name: 'A key' }, as(person));
const requestOptions = (where = account) => app.run(passkeyLoginOptions, {}, anonymous(where));
const enter = (credential: Parameters<typeof passkeyLogin.run>[1]['credential'], where = account) =>
  app.run(passkeyLogin, { credential }, anonymous(where));
const signIn = async (lies: Lies = {}) => enter(device.get(await requestOptions(), lies));
const eventsOf = ({ user }: Person) => actionsOn(app, user.accountId, user.id);

describe('a passkey', () => {
  it('signs its owner in without a username, again and again', async () => {
    const alice = await signUp();
    await signUp('bob');
    const made = await register(alice);
    for (let i = 0; i < 3; i += 1)
      expect(await signIn()).toMatchObject({
        user: { id: alice.user.id },
        session: { method: 'passkey' },
        deviceToken: expect.any(String),
      });
    expect(await app.run(passkeys.listPasskeys, {}, as(alice))).toEqual([{ ...made, counter: 3, lastUsedAt: app.time.now }]);
    expect(await eventsOf(alice)).toContain('passkey_added');
  });

  it('works on a page that lay open for half an hour, and not for longer than an hour', async () => {
    await register(await signUp());
    const [first, second] = [await requestOptions(), await requestOptions()];
    at(1_800);
    expect(await outcome(enter(device.get(first)))).toBe('in');
    at(3_600);
    expect(await outcome(enter(device.get(second)))).toBe('PASSKEY_REFUSED');
  });

  it('stands for both factors where an account demands them of its admins', async () => {
    const { user } = await signUp('somebody');
    await app.uow.write(account, async (tx) => {
      const known = await tx.users.lookupCredentials(user.id);
      await tx.users.add({ ...user, id: ids.next(), username: 'alice', email: 'alice@example.com', role: 'admin' }, known?.passwordHash);
    });
    const logIn = () => app.run(login, { identifier: 'alice', password }, anonymous(account));
    await register(await logIn());
    await app.uow.write(account, (tx) => tx.accounts.updateSettings({ ...DEFAULT_ACCOUNT_SETTINGS, adminsNeedSecondFactor: true }));
    await expect(logIn()).rejects.toMatchObject({ code: 'SECOND_FACTOR_REQUIRED', details: { methods: ['passkey'], enroll: false } });
    expect(await outcome(signIn())).toBe('in');
  });

  it('is removed by its owner alone, after a recent sign-in', async () => {
    const [alice, bob] = [await signUp(), await signUp('bob')];
    const { id: passkeyId } = await register(alice);
    expect(await outcome(app.run(passkeys.removePasskey, { passkeyId }, as(bob)))).toBe('PASSKEY_NOT_FOUND');
    expect(await outcome(app.run(passkeys.removePasskey, { passkeyId: ids.next<'passkey'>() }, as(alice)))).toBe('PASSKEY_NOT_FOUND');
    expect(await outcome(signIn())).toBe('in');
    at(600);
    expect(await outcome(app.run(passkeys.removePasskey, { passkeyId }, as(alice)))).toBe('REAUTHENTICATION_REQUIRED');
    at(0);
    await app.run(passkeys.removePasskey, { passkeyId }, as(alice));
    expect(await outcome(signIn())).toBe('PASSKEY_REFUSED');
    expect(await eventsOf(alice)).toContain('passkey_removed');
  });

  it('stays where it is the second factor that the account demands of an admin', async () => {
    const alice = await signUp();
    const { id: passkeyId } = await register(alice);
    const remove = (id = passkeyId) => outcome(app.run(passkeys.removePasskey, { passkeyId: id }, as(alice)));
    await app.uow.write(account, async (tx) => {
      await tx.accounts.updateSettings({ ...DEFAULT_ACCOUNT_SETTINGS, adminsNeedSecondFactor: true });
      await tx.administration.setRole(alice.user.id, 'admin');
    });
    expect(await remove()).toBe('FORBIDDEN');
    const { id: second } = await register(alice, {}, softAuthenticator(PAGE));
    expect((await Promise.all([remove(), remove(second)])).toSorted()).toEqual(['FORBIDDEN', 'in']);
  });

  it('is one of a few', async () => {
    const alice = await signUp();
    const options = [];
    for (let i = 0; i < MOST_PASSKEYS + 5; i += 1) options.push(await creation(alice));
    const made = options.map((each) =>
      outcome(app.run(passkeys.passkeyRegister, { credential: device.create(each), name: 'A key' }, as(alice))),
    );
    expect((await Promise.all(made)).filter((each) => each === 'in')).toHaveLength(MOST_PASSKEYS);
    expect(await outcome(creation(alice))).toBe('PASSKEY_LIMIT_REACHED');
  });
});

describe.each([
  ['of another origin', { origin: 'https://evil.example' }],
  ['of the own host by another scheme', { origin: 'ftp://localhost:3000' }],
  ['of an address of this machine’s network', { origin: 'http://192.0.2.1:3000' }],
  ['of a frame of another origin', { crossOrigin: true }],
  ['for another domain', { rpId: 'evil.example' }],
  ['without user verification', { userVerified: false }],
  ['for another challenge', { challenge: Buffer.from('another challenge').toString('base64url') }],
  ['of another ceremony', { type: 'webauthn.other' }],
] as const satisfies readonly (readonly [string, Lies])[])('a response %s', (_, lies) => {
  it('adds no passkey and signs nobody in', async () => {
    const alice = await signUp();
    expect(await outcome(register(alice, lies))).toBe('PASSKEY_INVALID');
    expect(await app.run(passkeys.listPasskeys, {}, as(alice))).toEqual([]);
    await register(alice);
    expect(await outcome(signIn(lies))).toBe('PASSKEY_REFUSED');
    expect(await outcome(signIn())).toBe('in');
  });
});

describe('a challenge', () => {
  it('is for one account, one person and one purpose', async () => {
    const [alice, bob] = [await signUp(), await signUp('bob')];
    const other = await app.account();
    const stranger = await signUp('alice', other);
    const options = await creation(alice);
    for (const thief of [bob, stranger])
      expect(await outcome(app.run(passkeys.passkeyRegister, { credential: device.create(options), name: 'A key' }, as(thief)))).toBe(
        'PASSKEY_INVALID',
      );
    await register(alice);
    const key = device.keys.at(-1);
    // Asked for in another account: this passkey is none of its.
    expect(await outcome(enter(device.get(await requestOptions(other), {}, key)))).toBe('PASSKEY_REFUSED');
    const credential = device.get(await requestOptions(), {}, key);
    expect(await outcome(app.run(passkeyLogin, { credential }, { ...anonymous(other), namedAccount: other }))).toBe('FORBIDDEN');
    const { challenge } = options;
    expect(await outcome(enter(device.get({ challenge, rpId: 'localhost' }, {}, key)))).toBe('PASSKEY_REFUSED');
    const loginOptions = await requestOptions();
    const swapped = device.create({ ...options, challenge: loginOptions.challenge });
    expect(await outcome(app.run(passkeys.passkeyRegister, { credential: swapped, name: 'A key' }, as(alice)))).toBe('PASSKEY_INVALID');
  });
});

describe('a thief', () => {
  it('with a copy of the key is found out by the counter, and the owner stays in', async () => {
    const alice = await signUp();
    await register(alice);
    await signIn();
    await signIn();
    expect(await outcome(signIn({ counter: 1 }))).toBe('PASSKEY_REFUSED');
    expect(await outcome(signIn({ counter: 2 }))).toBe('PASSKEY_REFUSED');
    expect((await eventsOf(alice)).filter((kind) => kind === 'passkey_cloned')).toHaveLength(2);
    expect(await outcome(signIn())).toBe('in');
  });

  it('gets in as nobody else with a passkey of their own', async () => {
    const [alice, mallory] = [await signUp(), await signUp('mallory')];
    const aliceKey = await register(alice);
    await register(mallory);
    const handle = Buffer.from(alice.user.id).toString('base64url');
    expect(await outcome(signIn({ userHandle: handle }))).toBe('PASSKEY_REFUSED');
    expect(await outcome(signIn({ id: aliceKey.credentialId }))).toBe('PASSKEY_REFUSED');
    expect(await outcome(signIn({ id: aliceKey.credentialId, userHandle: handle }))).toBe('PASSKEY_REFUSED');
    // Registering the name of somebody's key, to take it over.
    expect(await outcome(register(mallory, { id: aliceKey.credentialId }))).toBe('PASSKEY_INVALID');
  });

  it('with a stolen session adds none without the password, and none after it has ended', async () => {
    const alice = await signUp();
    const options = await creation(alice);
    at(600);
    expect(await outcome(creation(alice))).toBe('REAUTHENTICATION_REQUIRED');
    await app.uow.write(account, (tx) => tx.sessions.revoke({ userId: alice.user.id }, 'revoked'));
    expect(await outcome(app.run(passkeys.passkeyRegister, { credential: device.create(options), name: 'A key' }, as(alice)))).toBe(
      'SESSION_REVOKED',
    );
  });

  it('who signed up with somebody’s address loses the passkey when the owner proves the mailbox', async () => {
    const mallory = await signUp();
    await register(mallory);
    const link = { account, userId: mallory.user.id, email: mallory.user.email, version: 0 };
    const token = app.container.resolve(SealedTokens).seal('magic-link', link, at(60));
    at(0);
    expect(await outcome(app.run(consumeMagicLink, { token }, anonymous(account)))).toBe('in');
    expect(await outcome(signIn())).toBe('PASSKEY_REFUSED');
  });

  it('with a suspended person’s passkey gets in nowhere', async () => {
    const alice = await signUp();
    await register(alice);
    await app.uow.write(account, (tx) => tx.suspensions.set(alice.user.id, true));
    expect(await outcome(signIn())).toBe('USER_SUSPENDED');
  });
});

it('what is no response at all is refused like any other', async () => {
  await register(await signUp());
  const good = device.get(await requestOptions());
  for (const clientDataJSON of ['AA', Buffer.from('null').toString('base64url'), Buffer.from('{"challenge":5}').toString('base64url')])
    expect(await outcome(enter({ ...good, response: { ...good.response, clientDataJSON } }))).toBe('PASSKEY_REFUSED');
  for (const field of ['authenticatorData', 'signature', 'userHandle'])
    expect(await outcome(enter({ ...good, response: { ...good.response, [field]: 'AAAA' } }))).toBe('PASSKEY_REFUSED');
  expect(await outcome(enter(good))).toBe('in');
});
