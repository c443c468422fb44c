import { createAccountInvite } from '@coucou/application/accounts/account-invites';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { answerChallenge } from '@coucou/application/auth/answer-challenge';
import { enrollTotp } from '@coucou/application/auth/enroll-totp';
import { exchangeToken } from '@coucou/application/auth/exchange-token';
import { confirmTotp } from '@coucou/application/auth/totp';
import { AccessTokens } from '@coucou/application/ports/tokens';
import type { AccountSettings } from '@coucou/domain/accounts/account-settings';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { type SigningKey, signingKey, startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.ts';
import { totpCode } from '../../support/totp.ts';
import { anonymous, refusal } from '../calls.ts';
import { answerOf, externalPeople, NOON, profile, readingKeys } from './external-people.ts';

let app: TestApp;
let account: AccountId;
let owner: Caller;
let issuer: TokenIssuer;
let other: TokenIssuer;
let key: SigningKey;
beforeAll(async () => {
  key = await signingKey('ES256');
  [app, issuer, other] = await Promise.all([openTestApp({ overrides: [readingKeys()] }), startTokenIssuer(key), startTokenIssuer(key)]);
});
afterAll(() => Promise.all([app.close(), issuer.close(), other.close()]));
beforeEach(async () => {
  app.time.now = NOON;
  app.settings.guesses = [];
  account = await app.account();
  owner = await app.person('olga', account, 'owner');
});

const { tokenFor, exchange, signIn, register, eventsOf, identitiesOf, withPassword } = externalPeople(() => ({
  app,
  account,
  issuer,
  key,
}));
const set = (settings: Partial<AccountSettings>) =>
  app.uow.write(account, async (tx) => tx.accounts.updateSettings({ ...(await tx.accounts.own()).settings, ...settings }));
describe('whom a token stands for', () => {
  beforeEach(() => register(owner));

  it('is somebody new, as the token says', async () => {
    const { user, session, accessToken } = await signIn(profile);
    expect(user).toMatchObject({
      username: 'alice',
      displayName: 'Alice Martin',
      email: 'alice@example.com',
      emailVerified: true,
      avatarUrl: 'https://login.example.com/alice.png',
      role: 'member',
    });
    expect(session).toMatchObject({ userId: user.id, method: 'external' });
    expect(await app.container.resolve(AccessTokens).verify(accessToken)).toMatchObject({
      account,
      actor: { userId: user.id, sessionId: session.id },
    });
    expect(await identitiesOf(user.id)).toMatchObject([{ issuer: issuer.url, subject: 'alice', email: 'alice@example.com' }]);
    expect((await eventsOf(user.id)).map(({ action, details }) => [action, details])).toEqual([
      ['signed_up', { issuer: issuer.url }],
      ['identity_linked', { issuer: issuer.url }],
      ['signed_in', { method: 'external', issuer: issuer.url }],
    ]);
  });

  it('is the same person ever after, whatever else changes', async () => {
    const { user, session } = await signIn(profile);
    const again = await signIn({ ...profile, email: 'new@example.com', email_verified: false, name: 'Somebody' });
    expect(again.user).toEqual(user);
    expect(again.session.id).not.toBe(session.id);
  });

  it('is somebody else at another issuer, in other letters, and in another account', async () => {
    await register(owner, { issuer: other.url, jwksUrl: other.jwksUrl });
    const people = [await signIn(), await signIn({ iss: other.url }), await signIn({ sub: 'Alice' }), await signIn({ sub: 'alice ' })];
    account = await app.account();
    await register(await app.person('olga', account, 'owner'));
    people.push(await signIn());
    expect(new Set(people.map(({ user }) => user.id)).size).toBe(people.length);
  });

  it.each([true, 'true'])('is who owns the address, when both sides have verified it: %j', async (verified) => {
    const alice = await withPassword('alice', true);
    expect((await signIn({ ...profile, email: 'Alice@EXAMPLE.com', email_verified: verified })).user.id).toBe(alice);
  });

  it('is who signed up with the address before anybody proved it, without whatever was attached until then', async () => {
    const alice = await withPassword('alice', false);
    const { user } = await signIn(profile);
    expect(user).toMatchObject({ id: alice, emailVerified: true });
    expect(await app.uow.read(account, (tx) => tx.users.lookupCredentials(alice))).toMatchObject({ passwordHash: undefined });
    expect((await eventsOf(alice)).find(({ action }) => action === 'credentials_dropped')?.details).toMatchObject({ by: 'external' });
  });

  it.each([false, undefined, 1, 'yes', null])(
    'is nobody where the address is not verified (%j), the same whether or not it is somebody’s',
    async (verified) => {
      const said = { ...profile, email_verified: verified };
      expect(await answerOf(signIn(said))).toEqual({ code: 'OAUTH_EMAIL_UNVERIFIED', details: {} });
      await withPassword('alice', true);
      expect(await answerOf(signIn(said))).toEqual({ code: 'OAUTH_EMAIL_UNVERIFIED', details: {} });
    },
  );

  it.each(['аlice@example.com', 'alice@exаmple.com', 'ａlice@example.com', 'alice@example.com\u0000', 'alice@example.com, x@example.com'])(
    'is somebody without an address where that only looks like one: %j',
    async (email) => {
      const alice = await withPassword('alice', true);
      const { user } = await signIn({ ...profile, email });
      expect(user.id).not.toBe(alice);
      expect(user.email).toBeUndefined();
    },
  );

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['a name of everybody', { name: '\u200b', preferred_username: '__proto__' }, { username: 'proto', displayName: 'proto' }],
    ['a name with lines', { name: 'Alice\r\nBcc: all@example.com' }, { displayName: 'alice' }],
    ['a name without end', { name: 'x'.repeat(300) }, { displayName: 'alice' }],
    ['a picture that is code', { picture: 'javascript:alert(1)' }, { avatarUrl: undefined }],
    ['a picture in itself', { picture: 'data:image/png;base64,AAAA' }, { avatarUrl: undefined }],
    ['values of other kinds', { name: ['Alice'], picture: {}, preferred_username: 7 }, { displayName: 'user', username: 'user' }],
  ])('is called as is fit to be shown: %s', async (_, claims, shown) => {
    expect((await signIn({ ...profile, email: undefined, ...claims })).user).toMatchObject(shown);
  });

  it('is nobody new where the account lets nobody in, but whoever is there comes in', async () => {
    const { user } = await signIn(profile);
    const bob = await withPassword('bob', true);
    for (const [settings, code] of [
      [{ signup: 'closed' }, 'SIGNUP_CLOSED'],
      [{ signup: 'invite' }, 'INVITE_NOT_FOUND'],
      [{ signup: 'open', emailDomains: ['company.example'] }, 'EMAIL_DOMAIN_REFUSED'],
    ] as const) {
      await set(settings);
      expect(await refusal(signIn({ sub: 'carol', email: 'carol@example.com', email_verified: true }))).toBe(code);
      expect((await signIn(profile)).user.id).toBe(user.id);
      expect((await signIn({ sub: 'bob', email: 'bob@example.com', email_verified: true })).user.id).toBe(bob);
    }
  });

  it('is somebody new by an invite where people are invited', async () => {
    await set({ signup: 'invite' });
    const { invite } = await app.run(createAccountInvite, { uses: 1, expiresInSeconds: 600 }, operatorCall(account));
    const by = async (sub: string) => app.run(exchangeToken, { token: await tokenFor({ sub }), invite }, anonymous(account));
    const { user } = await by('alice');
    expect((await by('alice')).user.id).toBe(user.id);
    expect(await refusal(by('bob'))).toBe('INVITE_EXHAUSTED');
  });

  it('is one person, of twenty tokens for one newcomer', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, () => tokenFor(profile)));
    const people = await Promise.all(tokens.map((token) => exchange(token)));
    expect(new Set(people.map(({ user }) => user.id)).size).toBe(1);
  });

  it('stays out while suspended, and while the account is', async () => {
    const { user } = await signIn();
    const suspend = (suspended: boolean) => app.uow.write(account, (tx) => tx.suspensions.set(user.id, suspended));
    await suspend(true);
    const token = await tokenFor();
    expect(await refusal(exchange(token))).toBe('USER_SUSPENDED');
    await suspend(false);
    const close = (suspended: boolean) => app.uow.system('accounts', (tx) => tx.suspendAccount(account, suspended));
    await close(true);
    expect(await refusal(exchange(token))).toBe('ACCOUNT_SUSPENDED');
    expect(await refusal(signIn({ sub: 'bob' }))).toBe('ACCOUNT_SUSPENDED');
    await close(false);
    // None of these refusals has consumed it.
    expect((await exchange(token)).user.id).toBe(user.id);
  });

  it('is asked for a second factor where there is one', async () => {
    const { user, session } = await signIn();
    const call = { ...anonymous(account), actor: { userId: user.id, sessionId: session.id } };
    const { secret } = await app.run(enrollTotp, {}, call);
    await app.run(confirmTotp, { code: totpCode(secret, NOON) }, call);
    const refused = (await answerOf(signIn())) as Payload;
    expect(refused).toMatchObject({ code: 'SECOND_FACTOR_REQUIRED', details: { methods: ['totp', 'recovery_code'], enroll: false } });
    app.time.now = new Date(NOON.getTime() + 60_000);
    const answered = { challenge: refused.details.challenge, totp: totpCode(secret, app.time.now) };
    const opened = await app.run(answerChallenge, answered, anonymous(account));
    expect(opened).toMatchObject({ user: { id: user.id }, session: { method: 'external' } });
  });

  it('proves the key of its device where the account binds sessions', async () => {
    await set({ boundSessions: true });
    expect(await refusal(signIn())).toBe('DPOP_PROOF_REQUIRED');
  });
});
