import { linkIdentity, listIdentities, unlinkIdentity } from '@coucou/application/auth/identities';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { as, refusal } from '../calls.ts';
import { BROWSER, identityCodes } from './identity-codes.ts';

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

const { codeFor, exchange, signIn, eventsOf, withPassword } = identityCodes(() => ({ app, account }));
const inTheirBrowser = (userId: UserId) => ({ ...as(account, userId), browser: BROWSER });
const link = (userId: UserId, code: string) => app.run(linkIdentity, { code }, inTheirBrowser(userId));
const list = (userId: UserId) => app.run(listIdentities, {}, as(account, userId));
describe('linking', () => {
  it('links what the code stands for to who is signed in, whatever its address', async () => {
    const alice = await withPassword('alice', false);
    const linked = await link(alice, codeFor({ email: 'other@example.com', emailVerified: false }));
    expect(linked).toMatchObject({ existed: false, identity: { userId: alice, email: 'other@example.com' } });
    expect((await signIn({ email: 'other@example.com', emailVerified: false })).user.id).toBe(alice);
    expect(await eventsOf(alice)).toEqual(['identity_linked', 'signed_in']);
  });

  it('answers what is linked already', async () => {
    const alice = await withPassword('alice', false);
    const first = await link(alice, codeFor());
    expect(await link(alice, codeFor())).toEqual({ identity: first.identity, existed: true });
  });

  it("takes nobody else's", async () => {
    const alice = await withPassword('alice', false);
    const bob = await withPassword('bob', false);
    await link(alice, codeFor());
    expect(await refusal(link(bob, codeFor()))).toBe('IDENTITY_TAKEN');
    expect(await list(bob)).toEqual([]);
  });

  it('links one code once, and not for who did not begin', async () => {
    const alice = await withPassword('alice', true);
    const code = codeFor();
    expect(await refusal(app.run(linkIdentity, { code }, as(account, alice)))).toBe('OAUTH_CODE_INVALID');
    await exchange(code);
    expect(await refusal(link(alice, code))).toBe('OAUTH_CODE_INVALID');
  });

  it('takes no code of another account', async () => {
    const alice = await withPassword('alice', false);
    expect(await refusal(link(alice, codeFor({}, { account: await app.account() })))).toBe('OAUTH_CODE_INVALID');
  });
});

describe('unlinking', () => {
  const unlink = (userId: UserId, identityId: string) => app.run(unlinkIdentity, { identityId: identityId as never }, as(account, userId));
  const unlinkAll = async (userId: UserId) => Promise.allSettled((await list(userId)).map(({ id }) => unlink(userId, id)));

  it('leaves who has a password', async () => {
    const alice = await withPassword('alice', false);
    const { identity } = await link(alice, codeFor());
    await unlink(alice, identity.id);
    expect(await list(alice)).toEqual([]);
    expect(await refusal(unlink(alice, identity.id))).toBe('IDENTITY_NOT_FOUND');
    expect(await eventsOf(alice)).toContain('identity_unlinked');
  });

  it('leaves the last way in', async () => {
    const { user } = await signIn();
    const [only] = await list(user.id);
    expect(await refusal(unlink(user.id, only?.id ?? ''))).toBe('LAST_WAY_IN');
    expect(await list(user.id)).toHaveLength(1);
  });

  it('leaves one of several, however many go at once', async () => {
    const { user } = await signIn();
    for (const subject of ['2', '3', '4']) await link(user.id, codeFor({ subject, email: undefined }));
    const tries = await unlinkAll(user.id);
    expect(tries.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(await list(user.id)).toHaveLength(1);
  });

  it("does not touch anybody else's", async () => {
    const { user } = await signIn();
    const bob = await withPassword('bob', false);
    const [identity] = await list(user.id);
    expect(await refusal(unlink(bob, identity?.id ?? ''))).toBe('IDENTITY_NOT_FOUND');
    expect(await list(user.id)).toHaveLength(1);
  });
});
