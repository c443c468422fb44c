import { linkIdentity, listIdentities, unlinkIdentity } from '@coucou/application/auth/identities';
import type { UserCall } from '@coucou/application/kernel/call';
import type { AccountId, UserId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { as, refusal } from '../calls.ts';
import { identityCodes } from './identity-codes.ts';

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

const { codeFor, exchange, signIn, signedIn, eventsOf, withPassword } = identityCodes(() => ({ app, account }));
const link = async (userId: UserId, code: string) => app.run(linkIdentity, { code }, await signedIn(userId));
/** The sign-in of the call lies so long back. */
const later = (seconds: number) => {
  app.time.now = new Date(Date.parse('2026-01-15T12:00:00.000Z') + seconds * 1_000);
};
const endSession = ({ actor }: UserCall) =>
  app.uow.write(account, (tx) => tx.sessions.revoke({ userId: actor.userId, only: [actor.sessionId] }, 'unproven'));
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
    const { browser: _, ...elsewhere } = await signedIn(alice);
    expect(await refusal(app.run(linkIdentity, { code }, elsewhere))).toBe('OAUTH_CODE_INVALID');
    await exchange(code);
    expect(await refusal(link(alice, code))).toBe('OAUTH_CODE_INVALID');
  });

  it('takes a recent sign-in or the password: a token alone adds no way in', async () => {
    const alice = await withPassword('alice', false);
    const call = await signedIn(alice);
    const code = codeFor();
    later(600);
    await expect(app.run(linkIdentity, { code: codeFor() }, call)).rejects.toMatchObject({
      code: 'REAUTHENTICATION_REQUIRED',
      details: { by: 'password' },
    });
    later(0);
    // A refusal does not spend the code.
    await app.run(linkIdentity, { code }, call);
    const { user } = await signIn({ subject: 'bob', email: 'bob@example.com' });
    const ofBob = await signedIn(user.id);
    later(600);
    await expect(app.run(linkIdentity, { code: codeFor({ subject: 'other' }) }, ofBob)).rejects.toMatchObject({
      code: 'REAUTHENTICATION_REQUIRED',
      details: { by: 'sign-in' },
    });
  });

  it('links nothing by a session that has ended, whose calls may be under way when it does', async () => {
    const alice = await withPassword('alice', false);
    const call = await signedIn(alice);
    await endSession(call);
    expect(await refusal(app.run(linkIdentity, { code: codeFor() }, call))).toBe('SESSION_REVOKED');
    expect(await list(alice)).toEqual([]);
  });

  it('takes no code of another account', async () => {
    const alice = await withPassword('alice', false);
    expect(await refusal(link(alice, codeFor({}, { account: await app.account() })))).toBe('OAUTH_CODE_INVALID');
  });
});

describe('unlinking', () => {
  const unlink = async (userId: UserId, identityId: string) =>
    app.run(unlinkIdentity, { identityId: identityId as never }, await signedIn(userId));
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
    const { user } = await signIn({ email: undefined });
    const [only] = await list(user.id);
    expect(await refusal(unlink(user.id, only?.id ?? ''))).toBe('LAST_WAY_IN');
    expect(await list(user.id)).toHaveLength(1);
  });

  it('leaves one of several, however many go at once', async () => {
    const { user } = await signIn({ email: undefined });
    for (const subject of ['2', '3', '4']) await link(user.id, codeFor({ subject, email: undefined }));
    const tries = await unlinkAll(user.id);
    expect(tries.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(await list(user.id)).toHaveLength(1);
  });

  it('takes a recent sign-in: a stolen session shuts nobody out', async () => {
    const alice = await withPassword('alice', false);
    const { identity } = await link(alice, codeFor());
    const call = await signedIn(alice);
    later(600);
    expect(await refusal(app.run(unlinkIdentity, { identityId: identity.id }, call))).toBe('REAUTHENTICATION_REQUIRED');
    expect(await list(alice)).toHaveLength(1);
  });

  it("does not touch anybody else's", async () => {
    const { user } = await signIn();
    const bob = await withPassword('bob', false);
    const [identity] = await list(user.id);
    expect(await refusal(unlink(bob, identity?.id ?? ''))).toBe('IDENTITY_NOT_FOUND');
    expect(await list(user.id)).toHaveLength(1);
  });
});
