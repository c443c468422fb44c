import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Caller, type Calling, openTestApp, type TestApp } from '../../support/test-app.ts';
import { refusal } from '../calls.ts';

let app: TestApp;
let account: AccountId;
let alice: Caller;
let bob: Caller;
let apiKeyId: string;
let issuerId: string;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
const at = (seconds: number) => {
  app.time.now = new Date(Date.parse('2026-01-15T12:00:00.000Z') + seconds * 1000);
};
beforeEach(async () => {
  at(0);
  account = await app.account();
  alice = await app.person('alice', account, 'owner');
  bob = await app.person('bob', account);
  ({ id: issuerId } = await alice.call('admin.registerIssuer', issuer));
  ({ id: apiKeyId } = (await alice.call('admin.createApiKey', { name: 'CI', scopes: ['users:read'] })).apiKey);
});

const issuer = { issuer: 'https://login.example.com', audiences: ['chat'] };
const aKey = { name: 'the thief', scopes: ['api-keys:write'] };

/** What would outlive a stolen token, and the scope by which an API key does it, where one may. */
const lasting: readonly (readonly [string, string, string | undefined, () => Record<string, unknown>])[] = [
  ['creates an API key', 'admin.createApiKey', 'api-keys:write', () => aKey],
  ['rotates an API key', 'admin.rotateApiKey', undefined, () => ({ apiKeyId })],
  [
    'creates an owner',
    'admin.createUser',
    undefined,
    () => ({ username: 'mallory', role: 'owner', password: 'correct horse battery staple' }),
  ],
  ['creates an admin', 'admin.createUser', undefined, () => ({ username: 'mallory', role: 'admin' })],
  ['makes somebody an owner', 'admin.setUserRole', undefined, () => ({ userId: bob.id, role: 'owner' })],
  ['makes somebody an admin', 'admin.setUserRole', undefined, () => ({ userId: bob.id, role: 'admin' })],
  ['mints a session', 'admin.mintToken', 'tokens:mint', () => ({ userId: bob.id })],
  ['mints a session of an owner', 'admin.mintToken', undefined, () => ({ userId: alice.id })],
  ['mints a session of somebody new', 'admin.mintTokenFor', 'tokens:mint', () => ({ externalId: '1', create: { username: 'mallory' } })],
  ['registers an issuer', 'admin.registerIssuer', 'issuers:write', () => ({ ...issuer, issuer: 'https://evil.example' })],
  ['changes an issuer', 'admin.updateIssuer', undefined, () => ({ issuerId, audiences: ['chat'], jwksUrl: 'https://evil.example/keys' })],
  ['sets where mails to owners lead', 'admin.putSettings', undefined, () => ({ appUrl: 'https://evil.example' })],
];

describe.each(lasting)('who %s', (_, operation, scope, input) => {
  const sessions = () => app.uow.read(account, (tx) => tx.sessions.list(alice.id, new Date(0)));

  it('has signed in within the last ten minutes', async () => {
    at(600);
    await expect(alice.call(operation, input())).rejects.toMatchObject({ code: 'REAUTHENTICATION_REQUIRED', details: { by: 'sign-in' } });
    expect((await alice.call('admin.listUsers', { q: 'mallory' })).items).toEqual([]);
    expect((await alice.call('admin.getUser', { userId: bob.id })).role).toBe('member');
    expect((await alice.call('admin.listApiKeys')).items).toHaveLength(1);
    expect(await alice.call('admin.getSettings')).not.toHaveProperty('appUrl');
    expect(await sessions()).toHaveLength(1);
    expect(await alice.call('admin.listIssuers')).toMatchObject({ items: [{ id: issuerId, updatedAt: '2026-01-15T12:00:00.000Z' }] });
    at(599);
    await alice.call(operation, input());
  });

  it('has not come by a minted session, however new', async () => {
    const minted = await app.signIn(alice, 'minted');
    expect(await refusal(minted.call(operation, input()))).toBe('REAUTHENTICATION_REQUIRED');
  });

  it('is in a session that there is, and that has not ended', async () => {
    const stolen = await app.signIn(alice);
    await stolen.call('auth.logout');
    for (const caller of [stolen, app.as(alice.id, account)])
      expect(await refusal(caller.call(operation, input()))).toBe('SESSION_REVOKED');
  });
});

it.each(lasting.filter(([, , scope]) => scope !== undefined))(
  'an API key %s without a sign-in, which it has not',
  async (_, operation, scope, input) => {
    at(86_400);
    expect(await app.byKey([scope ?? ''], account).call(operation, input())).toBeInstanceOf(Object);
  },
);

it('is not asked of who makes members, and changes what admins may change', async () => {
  at(86_400);
  await alice.call('admin.createUser', { username: 'carol' });
  expect(await alice.call('admin.putSettings', { guests: true })).toMatchObject({ guests: true });
  await alice.call('admin.suspendUser', { userId: bob.id });
});

describe('a minted session, just opened', () => {
  const password = 'correct horse battery staple';
  const mint = async (robot: Calling, create: object = {}) =>
    robot.call('admin.mintTokenFor', { externalId: 'x', create: { username: 'dan', ...create } });
  const inside = async (create?: object) => {
    const { user } = await mint(app.byKey(['tokens:mint'], account), create);
    return app.signIn({ ...bob, id: user.id }, 'minted');
  };
  const enrol = (caller: Caller) => caller.call('auth.totpEnroll');

  it('is no recent sign-in of somebody with a password', async () => {
    const { id } = await alice.call('admin.createUser', { username: 'erin', password });
    const erin = await app.signIn({ ...bob, id }, 'minted');
    await expect(enrol(erin)).rejects.toMatchObject({ code: 'REAUTHENTICATION_REQUIRED', details: { by: 'password' } });
    expect(await erin.call('auth.totpEnroll', { password })).toHaveProperty('secret');
    expect(await enrol(await app.signIn(erin, 'passkey'))).toHaveProperty('secret');
  });

  it('is none of somebody with another way in', async () => {
    const dan = await inside({ email: 'dan@example.com', emailVerified: true });
    await expect(enrol(dan)).rejects.toMatchObject({ code: 'REAUTHENTICATION_REQUIRED', details: { by: 'sign-in' } });
  });

  it('is all that somebody without any can show, for ten minutes', async () => {
    const dan = await inside();
    expect(await enrol(dan)).toHaveProperty('secret');
    at(600);
    expect(await refusal(enrol(dan))).toBe('REAUTHENTICATION_REQUIRED');
  });

  it('never administers, also of an owner without another way in', async () => {
    const owner: Caller = await app.person('fay', account, 'owner');
    await app.uow.write(account, (tx) => tx.users.setPassword(owner.id, undefined));
    const minted = await app.signIn(owner, 'minted');
    expect(await refusal(minted.call('admin.createApiKey', aKey))).toBe('REAUTHENTICATION_REQUIRED');
  });
});
