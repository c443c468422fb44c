import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AccountId, asId } from '@coucou/domain/kernel/ids';
import type { Payload } from '../../support/event-log.ts';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { refusal } from '../calls.ts';

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());

const key = () => `key-${randomUUID()}`;
const create = (clientKey: string) => app.operator().call('accounts.create', { name: 'Acme', clientKey });

/** What is recorded of an account, the oldest first, as its owner reads it. */
async function eventsOf(account: AccountId): Promise<Payload[]> {
  const owner = await app.person('owner', account, 'owner');
  const { items } = await owner.call('admin.listAuditLogs');
  return items.map(({ action, actor, target, details }: Payload) => ({ action, actor, target, details })).toReversed();
}

describe('accounts by the operator', () => {
  it('are made under a client key that no other has', async () => {
    const clientKey = key();
    const made = await create(clientKey);
    expect(made).toEqual({ id: expect.any(String), name: 'Acme', clientKey, createdAt: expect.any(String) });
    expect(await app.storage.accounts.byClientKey(clientKey)).toBe(made.id);
    expect(await refusal(create(clientKey))).toBe('ACCOUNT_CLIENT_KEY_TAKEN');
    expect(await refusal(create('default'))).toBe('ACCOUNT_CLIENT_KEY_TAKEN');
    for (const wrong of ['', 'with blank', 'x'.repeat(129), '../up']) expect(await refusal(create(wrong))).toBe('VALIDATION_FAILED');
  });

  it('are suspended, for everybody in them at once, until that is lifted', async () => {
    const clientKey = key();
    const { id } = await create(clientKey);
    const account = asId<'account'>(id);
    app.told.length = 0;
    await app.operator().call('accounts.suspend', { clientKey });
    expect(app.told).toMatchObject([{ event: 'closing', to: { kind: 'access', change: { is: 'suspended' } } }]);
    expect((await app.uow.read(account, (tx) => tx.accounts.own())).suspendedAt).toBeInstanceOf(Date);
    await app.operator().call('accounts.restore', { clientKey });
    expect((await app.uow.read(account, (tx) => tx.accounts.own())).suspendedAt).toBeUndefined();
    expect(await refusal(app.operator().call('accounts.suspend', { clientKey: key() }))).toBe('ACCOUNT_NOT_FOUND');
  });

  it('leave entries in their own log, one for each change', async () => {
    const clientKey = key();
    const { id } = await create(clientKey);
    expect(await refusal(create(clientKey))).toBe('ACCOUNT_CLIENT_KEY_TAKEN');
    for (const operation of ['accounts.suspend', 'accounts.suspend', 'accounts.restore', 'accounts.restore'])
      await app.operator().call(operation, { clientKey });
    const rest = { actor: { kind: 'operator' }, target: { type: 'account', id } };
    expect(await eventsOf(asId<'account'>(id))).toEqual([
      { action: 'account_created', details: { name: 'Acme', clientKey }, ...rest },
      { action: 'account_suspended', details: {}, ...rest },
      { action: 'account_restored', details: {}, ...rest },
    ]);
  });

  it('get limits of their own, which the operator alone changes and who administers sees', async () => {
    const clientKey = key();
    const { id } = await create(clientKey);
    const owner = await app.person('owner', asId<'account'>(id), 'owner');
    const server = {
      rest: expect.any(Array),
      socketEvents: [{ limit: 100, windowSeconds: 10 }],
      userMessages: expect.any(Array),
      conversationMessages: [{ limit: 600, windowSeconds: 60 }],
      connections: 20,
    };
    expect(await owner.call('admin.getLimits')).toMatchObject({ own: {}, inForce: server });
    const own = { userMessages: [{ limit: 5, windowSeconds: 60 }], conversationMessages: [], connections: 3 };
    const answer = await app.operator().call('accounts.putLimits', { clientKey, ...own });
    expect(answer).toEqual({ own, inForce: { ...server, ...own } });
    for (const read of [owner.call('admin.getLimits'), app.operator().call('accounts.getLimits', { clientKey })])
      expect(await read).toEqual(answer);
    await app.operator().call('accounts.putLimits', { clientKey, ...own });
    expect(await app.operator().call('accounts.putLimits', { clientKey })).toMatchObject({ own: {}, inForce: server });
    expect(await eventsOf(asId<'account'>(id))).toMatchObject([
      { action: 'account_created' },
      { action: 'limits_changed', actor: { kind: 'operator' }, details: { limits: own } },
      { action: 'limits_changed', actor: { kind: 'operator' }, details: { limits: {} } },
    ]);
    expect(await refusal(app.operator().call('accounts.putLimits', { clientKey: key() }))).toBe('ACCOUNT_NOT_FOUND');
    expect(await refusal(app.operator().call('accounts.getLimits', { clientKey: key() }))).toBe('ACCOUNT_NOT_FOUND');
  });

  it.each([
    { rest: [{ limit: 0, windowSeconds: 60 }] },
    { rest: [{ limit: 1, windowSeconds: 0 }] },
    { rest: [{ limit: 10_000_000, windowSeconds: 60 }] },
    { rest: [{ limit: 1.5, windowSeconds: 60 }] },
    { rest: [{ limit: 1 }] },
    { rest: Array.from({ length: 6 }, () => ({ limit: 1, windowSeconds: 60 })) },
    { rest: '100/60' },
    { rest: null },
    { connections: 0 },
    { connections: 'off' },
    { login: [{ limit: 1, windowSeconds: 60 }] },
  ])('get no limits that the server could not have: %j', async (wrong) => {
    expect(await refusal(app.operator().call('accounts.putLimits', { clientKey: 'default', ...wrong }))).toBe('VALIDATION_FAILED');
  });

  it('are nobody else’s to make or suspend', async () => {
    const owner = await app.person('alice', undefined, 'owner');
    for (const by of [owner, app.byKey(['accounts:write'])])
      for (const [operation, input] of [
        ['accounts.create', { name: 'x', clientKey: key() }],
        ['accounts.suspend', { clientKey: 'default' }],
        ['accounts.restore', { clientKey: 'default' }],
        ['accounts.putLimits', { clientKey: 'default' }],
        ['accounts.getLimits', { clientKey: 'default' }],
      ] as const)
        expect(await refusal(by.call(operation, input))).toBe('FORBIDDEN');
  });
});
