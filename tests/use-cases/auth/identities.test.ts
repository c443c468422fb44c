import { createAccountInvite } from '@coucou/application/accounts/account-invites';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { exchangeOauth } from '@coucou/application/auth/exchange-oauth';
import { listIdentities } from '@coucou/application/auth/identities';
import { changeUsername } from '@coucou/application/users/change-username';
import { SealedTokens } from '@coucou/application/ports/sealed-tokens';
import { username } from '@coucou/contracts/auth/signup';
import type { AccountSettings } from '@coucou/domain/accounts/account-settings';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { suggestUsername } from '@coucou/domain/users/suggest-username';
import { opaqueTokens } from '@coucou/security/opaque-tokens';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ids } from '../../support/fixtures.ts';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { anonymous, as, refusal } from '../calls.ts';
import { BROWSER, identityCodes, said } from './identity-codes.ts';

let app: TestApp;
let account: AccountId;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  account = await app.account();
  app.time.now = new Date('2026-01-15T12:00:00.000Z');
});

const nobodyKnown = { email: undefined, emailVerified: false } as const;

const { codeFor, inBrowser, exchange, signIn, eventsOf, withPassword } = identityCodes(() => ({ app, account }));
const list = (userId: UserId) => app.run(listIdentities, {}, as(account, userId));
const set = (settings: Partial<AccountSettings>) =>
  app.uow.write(account, async (tx) => tx.accounts.updateSettings({ ...(await tx.accounts.own()).settings, ...settings }));
const hasAnybody = () => app.uow.read(account, (tx) => tx.users.hasAny());

describe('whom an identity stands for', () => {
  it('is somebody new, with a verified address and no password', async () => {
    const { user, session } = await signIn();
    expect(user).toMatchObject({
      username: 'alice',
      displayName: 'Alice Martin',
      email: 'alice@example.com',
      emailVerified: true,
      role: 'member',
    });
    expect(session).toMatchObject({ userId: user.id, method: 'oauth' });
    expect(await app.uow.read(account, (tx) => tx.users.lookupCredentials(user.id))).toMatchObject({ passwordHash: undefined });
    expect(await list(user.id)).toMatchObject([{ issuer: said.issuer, subject: 'alice', email: 'alice@example.com' }]);
    expect(await eventsOf(user.id)).toEqual(['signed_up', 'identity_linked', 'signed_in']);
  });

  it('is the same person ever after, whatever else changes', async () => {
    const { user } = await signIn();
    app.time.now = new Date('2026-02-01T12:00:00.000Z');
    const again = await signIn({ email: 'new@example.com', emailVerified: false, username: 'somebody', displayName: 'Somebody' });
    expect(again.user).toEqual(user);
    expect(await list(user.id)).toMatchObject([{ email: 'new@example.com', lastUsedAt: app.time.now }]);
  });

  it('is somebody else when the same subject is of another issuer', async () => {
    const here = await signIn(nobodyKnown);
    const there = await signIn({ ...nobodyKnown, issuer: 'https://other.example' });
    expect(there.user.id).not.toBe(here.user.id);
    expect(there.user.username).toMatch(/^alice-[\da-f]{6}$/);
  });

  it.each(['Alice', 'alice ', 'ALICE'])('is somebody else when the subject is %j', async (subject) => {
    const here = await signIn(nobodyKnown);
    expect((await signIn({ ...nobodyKnown, subject })).user.id).not.toBe(here.user.id);
  });

  it('is somebody else in another account', async () => {
    const here = await signIn();
    account = await app.account();
    expect((await signIn()).user.id).not.toBe(here.user.id);
  });

  it.each(['alice@example.com', 'Alice@EXAMPLE.com'])('is who owns the address %s, when both sides have verified it', async (email) => {
    const alice = await withPassword('alice', true);
    expect((await signIn({ email })).user.id).toBe(alice);
    expect(await list(alice)).toHaveLength(1);
  });

  it('is who signed up with the address before anybody proved it, without whatever was attached until then', async () => {
    const alice = await withPassword('alice', false);
    const thief = { issuer: 'https://thief.example', subject: 'thief' };
    const now = new Date();
    const identity = {
      accountId: account,
      id: ids.next<'identity'>(),
      userId: alice,
      ...thief,
      email: undefined,
      createdAt: now,
      lastUsedAt: now,
    };
    await app.uow.write(account, (tx) => tx.identities.add(identity));
    const before = await exchange(codeFor({ ...nobodyKnown, ...thief }));
    const { user } = await signIn();
    expect(user).toMatchObject({ id: alice, emailVerified: true });
    expect(await app.uow.read(account, (tx) => tx.users.lookupCredentials(alice))).toMatchObject({ passwordHash: undefined });
    expect(await list(alice)).toMatchObject([{ issuer: said.issuer }]);
    expect(await app.uow.read(account, (tx) => tx.sessions.lookup(before.session.id))).toMatchObject({ revoked: { reason: 'unproven' } });
    // What the thief signed in with is nobody's again.
    expect((await exchange(codeFor({ ...nobodyKnown, ...thief }))).user.id).not.toBe(alice);
  });

  it('gets no name that is held for somebody', async () => {
    const alice = await withPassword('alice', true);
    await app.run(changeUsername, { username: 'alicia' }, as(account, alice));
    expect((await signIn(nobodyKnown)).user.username).toMatch(/^alice-[\da-f]{6}$/);
  });

  it('may have no address', async () => {
    const { user } = await signIn(nobodyKnown);
    expect(user).toMatchObject({ email: undefined, emailVerified: false });
  });

  it.each([
    ['nobody has', false],
    ['somebody has', true],
  ])('is refused the same with an address that is not verified there and that %s here', async (_, exists) => {
    if (exists) await withPassword('alice', true);
    const code = codeFor({ emailVerified: false });
    await expect(exchange(code)).rejects.toMatchObject({ code: 'OAUTH_EMAIL_UNVERIFIED', details: {} });
    expect(await app.uow.read(account, (tx) => tx.identities.lookup(said.issuer, said.subject))).toBeUndefined();
    expect(await hasAnybody()).toBe(exists);
  });

  it('has a name of its own, made of what the issuer says', async () => {
    await withPassword('alice', true);
    await withPassword('bob', true);
    const names = [
      await signIn({ subject: '1', ...nobodyKnown }),
      await signIn({ subject: '2', ...nobodyKnown, username: undefined, displayName: 'Bob' }),
      await signIn({ subject: '3', ...nobodyKnown, username: 'ÀLICE', displayName: '  ' }),
      await signIn({ subject: '4', username: undefined, displayName: undefined, email: 'carol.c@example.com' }),
      await signIn({ subject: '5', ...nobodyKnown, username: undefined, displayName: undefined }),
    ].map(({ user }) => [user.username, user.displayName]);
    // Nothing of an address: others see the name.
    expect(names).toEqual([
      [expect.stringMatching(/^alice-[\da-f]{6}$/), 'Alice Martin'],
      [expect.stringMatching(/^Bob-[\da-f]{6}$/), 'Bob'],
      [expect.stringMatching(/^ÀLICE-[\da-f]{6}$/), expect.stringMatching(/^ÀLICE-[\da-f]{6}$/)],
      ['user', 'user'],
      [expect.stringMatching(/^user-[\da-f]{6}$/), expect.stringMatching(/^user-/)],
    ]);
  });

  it('has a name that somebody could have signed up with', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'Z', 'é', 'ê\u0323', 'ß', '田', '1', '.', '_', '-', ' ', '@', '\u3164', '\u200d', '😀', '\u0301'),
      maxLength: 50,
    });
    fc.assert(
      fc.property(text, fc.option(fc.constant('12ab34'), { nil: undefined }), (source, suffix) => {
        const name = suggestUsername([source], suffix);
        expect(username.parse(name)).toBe(name);
      }),
    );
  });

  it.each<[string, Partial<AccountSettings>, string]>([
    ['nobody may sign up', { signup: 'closed' }, 'SIGNUP_CLOSED'],
    ['people are invited', { signup: 'invite' }, 'INVITE_NOT_FOUND'],
    ['addresses are of another domain', { emailDomains: ['company.example'] }, 'EMAIL_DOMAIN_REFUSED'],
  ])('is nobody new where %s, but whoever is there comes in', async (_, settings, code) => {
    const { user } = await signIn();
    const bob = await withPassword('bob', true);
    await set(settings);
    expect(await refusal(signIn({ subject: 'carol', email: 'carol@example.com' }))).toBe(code);
    expect((await signIn()).user.id).toBe(user.id);
    expect((await signIn({ subject: 'bob', email: 'bob@example.com' })).user.id).toBe(bob);
  });

  it('is somebody new by an invite, of which it takes one use, where people are invited', async () => {
    await set({ signup: 'invite', emailDomains: ['example.com'] });
    const { invite } = await app.run(createAccountInvite, { uses: 1, expiresInSeconds: 600 }, operatorCall(account));
    const code = codeFor();
    const exchangeBy = (given: string, by?: string) => app.run(exchangeOauth, { code: given, invite: by }, inBrowser());
    expect(await refusal(exchangeBy(code, 'not one'))).toBe('INVITE_NOT_FOUND');
    expect(await refusal(exchangeBy(codeFor({ subject: 'x', email: 'x@evil.example' }), invite))).toBe('EMAIL_DOMAIN_REFUSED');
    // None of the refusals has spent the code.
    const { user } = await exchangeBy(code, invite);
    expect((await exchangeBy(codeFor(), invite)).user.id).toBe(user.id);
    expect(await refusal(exchangeBy(codeFor({ subject: 'bob', email: 'bob@example.com' }), invite))).toBe('INVITE_EXHAUSTED');
    await set({ signup: 'closed' });
    expect(await refusal(exchangeBy(codeFor({ subject: 'bob', email: 'bob@example.com' }), invite))).toBe('SIGNUP_CLOSED');
  });

  it.each([
    ['carol@company.example', undefined],
    ['carol@COMPANY.example', undefined],
    ['carol@evil.example', 'EMAIL_DOMAIN_REFUSED'],
    ['carol@company.example.evil.example', 'EMAIL_DOMAIN_REFUSED'],
    [undefined, 'EMAIL_DOMAIN_REFUSED'],
  ])('may come in by the domain of %s: %s', async (email, code) => {
    await set({ emailDomains: ['company.example'] });
    const attempt = signIn({ email });
    expect(
      await attempt.then(
        ({ user }) => user.email ?? 'none',
        (error: { code: string }) => error.code,
      ),
    ).toBe(code ?? email);
  });

  it('stays out while suspended', async () => {
    const { user } = await signIn();
    await app.uow.write(account, (tx) => tx.suspensions.set(user.id, true));
    expect(await refusal(signIn())).toBe('USER_SUSPENDED');
  });
});

describe('a code', () => {
  it('signs in once', async () => {
    const code = codeFor();
    await exchange(code);
    expect(await refusal(exchange(code))).toBe('OAUTH_CODE_INVALID');
  });

  it('of twenty for one newcomer makes one person', async () => {
    const codes = Array.from({ length: 20 }, () => codeFor());
    const people = await Promise.all(codes.map((code) => exchange(code)));
    expect(new Set(people.map(({ user }) => user.id)).size).toBe(1);
  });

  it('of two newcomers of one name makes two people', async () => {
    const codes = ['1', '2', '3'].map((subject) => codeFor({ ...nobodyKnown, subject }));
    const people = await Promise.all(codes.map((code) => exchange(code)));
    expect(new Set(people.map(({ user }) => user.username)).size).toBe(3);
  });

  it.each<[string, (code: string) => string]>([
    ['changed', (code) => `${code.slice(0, -1)}${code.endsWith('A') ? 'B' : 'A'}`],
    ['cut short', (code) => code.slice(0, -10)],
    ['empty', () => ''],
    ['made up', () => 'a code'],
    ['sealed for something else', () => app.container.resolve(SealedTokens).seal('oauth-state', { account }, new Date('2027-01-01'))],
  ])('is of no use when it is %s', async (_, change) => {
    expect(await refusal(exchange(change(codeFor())))).toBe('OAUTH_CODE_INVALID');
  });

  it('is of use for a while', async () => {
    const code = codeFor();
    app.time.now = new Date('2026-01-15T12:05:00.000Z');
    expect(await refusal(exchange(code))).toBe('OAUTH_CODE_INVALID');
  });

  it('is of use in the browser that began, and in no other', async () => {
    const code = codeFor();
    expect(await refusal(exchange(code, inBrowser(opaqueTokens.generate())))).toBe('OAUTH_CODE_INVALID');
    expect(await refusal(exchange(code, anonymous(account)))).toBe('OAUTH_CODE_INVALID');
    await exchange(code);
  });

  it('is of use with the verifier of its challenge, in any browser', async () => {
    // RFC 7636, appendix B.
    const [verifier, challenge] = ['dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'];
    const code = codeFor({}, { challenge });
    expect(await refusal(exchange(code))).toBe('OAUTH_CODE_INVALID');
    expect(await refusal(exchange(code, inBrowser(), `${verifier}x`))).toBe('OAUTH_CODE_INVALID');
    expect(await refusal(exchange(code, inBrowser(), challenge))).toBe('OAUTH_CODE_INVALID');
    // Somebody took the challenge away when the flow began.
    expect(await refusal(exchange(codeFor(), inBrowser(), verifier))).toBe('OAUTH_CODE_INVALID');
    await exchange(code, anonymous(account), verifier);
  });

  it('is of no use to who names another account', async () => {
    const code = codeFor();
    const other = await app.account();
    expect(await refusal(exchange(code, { ...inBrowser(BROWSER, other), namedAccount: other }))).toBe('FORBIDDEN');
    expect((await exchange(code, inBrowser(BROWSER, other))).user.accountId).toBe(account);
  });
});
