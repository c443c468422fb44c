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
  const { items } = await owner.call('admin.listSecurityEvents');
  return items.map(({ kind, details }: Payload) => ({ kind, details })).toReversed();
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

  it('leave events in themselves, one for each change', async () => {
    const clientKey = key();
    const { id } = await create(clientKey);
    expect(await refusal(create(clientKey))).toBe('ACCOUNT_CLIENT_KEY_TAKEN');
    for (const operation of ['accounts.suspend', 'accounts.suspend', 'accounts.restore', 'accounts.restore'])
      await app.operator().call(operation, { clientKey });
    expect(await eventsOf(asId<'account'>(id))).toEqual([
      { kind: 'account_created', details: { name: 'Acme', clientKey, by: 'operator' } },
      { kind: 'account_suspended', details: { by: 'operator' } },
      { kind: 'account_restored', details: { by: 'operator' } },
    ]);
  });

  it('are nobody else’s to make or suspend', async () => {
    const owner = await app.person('alice', undefined, 'owner');
    for (const by of [owner, app.byKey(['accounts:write'])])
      for (const [operation, input] of [
        ['accounts.create', { name: 'x', clientKey: key() }],
        ['accounts.suspend', { clientKey: 'default' }],
        ['accounts.restore', { clientKey: 'default' }],
      ] as const)
        expect(await refusal(by.call(operation, input))).toBe('FORBIDDEN');
  });
});
