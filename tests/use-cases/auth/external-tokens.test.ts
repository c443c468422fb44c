import { createAccountInvite } from '@coucou/application/accounts/account-invites';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { answerChallenge } from '@coucou/application/auth/answer-challenge';
import { enrollTotp } from '@coucou/application/auth/enroll-totp';
import { exchangeToken } from '@coucou/application/auth/exchange-token';
import { listIdentities } from '@coucou/application/auth/identities';
import { signup } from '@coucou/application/auth/signup';
import { confirmTotp } from '@coucou/application/auth/totp';
import { AccessTokens } from '@coucou/application/ports/tokens';
import type { AccountSettings } from '@coucou/domain/accounts/account-settings';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { type SigningKey, signingKey, startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.ts';
import { totpCode } from '../../support/totp.ts';
import { anonymous, as, refusal } from '../calls.ts';
import { answerOf, externalPeople, NOON, readingKeys } from './external-people.ts';

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

const { tokenFor, exchange, signIn, register, eventsOf } = externalPeople(() => ({ app, account, issuer, key }));
const set = (settings: Partial<AccountSettings>) =>
  app.uow.write(account, async (tx) => tx.accounts.updateSettings({ ...(await tx.accounts.own()).settings, ...settings }));
const identitiesOf = (userId: UserId) => app.run(listIdentities, {}, as(account, userId));
const password = 'correct horse battery';
const withPassword = async (username: string, verified: boolean, at = account) => {
  const { user } = await app.run(signup, { username, email: `${username}@example.com`, password }, anonymous(at));
  if (verified) await app.uow.write(at, (tx) => tx.credentials.proveEmail(user.id));
  return user.id;
};
const profile = {
  preferred_username: 'alice',
  name: 'Alice Martin',
  email: 'alice@example.com',
  email_verified: true,
  picture: 'https://login.example.com/alice.png',
};

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
    expect((await eventsOf(user.id)).map(({ kind, details }) => [kind, details])).toEqual([
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
    expect((await eventsOf(alice)).find(({ kind }) => kind === 'credentials_dropped')?.details).toMatchObject({ by: 'external' });
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

describe('the rules of an issuer', () => {
  it('let known people in alone, by what links them', async () => {
    await register(owner, { signUp: false });
    const bob = await withPassword('bob', true);
    expect(await refusal(signIn(profile))).toBe('SIGNUP_CLOSED');
    const said = { sub: 'bob', email: 'bob@example.com', email_verified: true };
    expect((await signIn(said)).user.id).toBe(bob);
    expect((await signIn({ sub: 'bob' })).user.id).toBe(bob);
  });

  it('are for names as long as they may be', async () => {
    // In letters of many bytes, of which an index holds so many, and which do not compress.
    const letters = (length: number) => Array.from({ length }, (_, at) => String.fromCodePoint(0x20000 + ((at * 7_919) % 40_000))).join('');
    const iss = letters(255);
    await register(owner, { issuer: iss });
    expect(await refusal(register(owner, { issuer: letters(256) }))).toBe('VALIDATION_FAILED');
    const { user } = await signIn({ iss, sub: letters(127) });
    expect((await signIn({ iss, sub: letters(127) })).user.id).toBe(user.id);
  });

  it('say which claims are read', async () => {
    await register(owner, { claims: { username: 'https://login.example.com/nick', email: 'mail' } });
    const { user } = await signIn({ ...profile, 'https://login.example.com/nick': 'ally', mail: 'ally@example.com' });
    expect(user).toMatchObject({ username: 'ally', displayName: 'ally', email: 'ally@example.com', avatarUrl: undefined });
  });

  it('read nothing, if they say so, and then address and verification do not matter', async () => {
    await register(owner, { claims: {} });
    const { user } = await signIn({ ...profile, email_verified: false });
    expect(user).toMatchObject({ username: 'user', displayName: 'user', email: undefined, avatarUrl: undefined });
  });

  it('find the keys by the metadata of the issuer', async () => {
    await register(owner, { jwksUrl: undefined });
    expect((await signIn()).user.username).toBe('user');
    expect(issuer.asked).toContain('/.well-known/openid-configuration');
  });

  it('take one of several audiences, of the issuer and of the token', async () => {
    await register(owner, { audiences: ['one', 'two'] });
    await signIn({ aud: 'two' });
    await signIn({ aud: ['three', 'one'] });
    expect(await answerOf(signIn({ aud: ['three', 'four'] }))).toEqual({ code: 'EXTERNAL_TOKEN_INVALID', details: { reason: 'aud' } });
  });

  it('take longer lives where the account says so', async () => {
    const { id } = await register(owner, { maxTokenSeconds: 60 });
    const token = await tokenFor();
    expect(await answerOf(exchange(token))).toMatchObject({ details: { reason: 'lifetime' } });
    await owner.call('admin.updateIssuer', { issuerId: id, jwksUrl: issuer.jwksUrl, audiences: ['https://chat.example.com'] });
    await exchange(token);
  });
});

describe('people who administer', () => {
  const administrators = async () => {
    const people = await Promise.all(['owner', 'admin'].map((role) => app.person(`p-${role}`, account, role as 'owner' | 'admin')));
    const said = await Promise.all(
      people.map(async ({ id }) => {
        const user = await app.uow.write(account, async (tx) => {
          await tx.credentials.proveEmail(id);
          return tx.users.lookup(id);
        });
        return { sub: id, email: user?.email, email_verified: true };
      }),
    );
    return { people, said };
  };

  it('sign in by what an owner registered', async () => {
    await register(owner);
    const { people, said } = await administrators();
    for (const [at, claims] of said.entries()) expect((await signIn(claims)).user.id).toBe(people[at]?.id);
  });

  it('are not signed in by what an admin or a server registered, who could be anybody by it', async () => {
    const { people, said } = await administrators();
    for (const by of [await app.person('adam', account, 'admin'), app.byKey(['issuers:write'], account)]) {
      const { id } = await register(by);
      for (const claims of said) expect(await refusal(signIn(claims))).toBe('FORBIDDEN');
      await signIn({ sub: 'a member' });
      await owner.call('admin.removeIssuer', { issuerId: id });
    }
    // Nor has anything been linked to them, or dropped.
    for (const { id } of people) expect([await identitiesOf(id), await eventsOf(id)]).toEqual([[], []]);
  });

  it('are not once they have become one, either', async () => {
    await register(await app.person('adam', account, 'admin'));
    const { user } = await signIn();
    await owner.call('admin.setUserRole', { userId: user.id, role: 'admin' });
    expect(await refusal(signIn())).toBe('FORBIDDEN');
  });
});

describe('an issuer that is removed', () => {
  it('signs nobody in any more; sessions that are open live on, and who comes back is who they were', async () => {
    const { id } = await register(owner);
    const { user, session } = await signIn();
    const token = await tokenFor();
    await owner.call('admin.removeIssuer', { issuerId: id });
    expect(await answerOf(exchange(token))).toEqual({ code: 'EXTERNAL_TOKEN_INVALID', details: {} });
    expect(await app.uow.read(account, (tx) => tx.sessions.lookup(session.id))).toMatchObject({ revoked: undefined });
    const used = await tokenFor();
    await register(owner);
    expect((await exchange(used)).user.id).toBe(user.id);
  });

  it('makes no token good again by being registered again', async () => {
    const { id } = await register(owner);
    const token = await tokenFor();
    await exchange(token);
    await owner.call('admin.removeIssuer', { issuerId: id });
    await register(owner);
    expect(await answerOf(exchange(token))).toEqual({ code: 'EXTERNAL_TOKEN_INVALID', details: { reason: 'used' } });
  });

  it.each(['removed', 'changed'])('or %s while its keys are being read, signs nobody in', async (what) => {
    const { id } = await register(owner);
    // Another address of the keys, of which nothing is known yet.
    const jwksUrl = `${issuer.url}/jwks.json?${what}`;
    await owner.call('admin.updateIssuer', { issuerId: id, jwksUrl, audiences: ['https://chat.example.com'] });
    const asked = Promise.withResolvers<() => void>();
    issuer.answer.now = (_, response) => asked.resolve(() => response.end(JSON.stringify({ keys: [key.jwk] })));
    const signingIn = answerOf(signIn());
    const answer = await asked.promise;
    issuer.answer.now = undefined;
    if (what === 'removed') await owner.call('admin.removeIssuer', { issuerId: id });
    else await owner.call('admin.updateIssuer', { issuerId: id, jwksUrl, audiences: ['somebody else'] });
    answer();
    expect(await signingIn).toEqual({ code: 'EXTERNAL_TOKEN_INVALID', details: {} });
  });
});
