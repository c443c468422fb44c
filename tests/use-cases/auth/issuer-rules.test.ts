import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { type SigningKey, signingKey, startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.ts';
import { refusal } from '../calls.ts';
import { answerOf, externalPeople, NOON, profile, readingKeys } from './external-people.ts';

let app: TestApp;
let account: AccountId;
let owner: Caller;
let issuer: TokenIssuer;
let key: SigningKey;
beforeAll(async () => {
  key = await signingKey('ES256');
  [app, issuer] = await Promise.all([openTestApp({ overrides: [readingKeys()] }), startTokenIssuer(key)]);
});
afterAll(() => Promise.all([app.close(), issuer.close()]));
beforeEach(async () => {
  app.time.now = NOON;
  account = await app.account();
  owner = await app.person('olga', account, 'owner');
});

const { tokenFor, exchange, signIn, register, eventsOf, identitiesOf, withPassword } = externalPeople(() => ({
  app,
  account,
  issuer,
  key,
}));

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
