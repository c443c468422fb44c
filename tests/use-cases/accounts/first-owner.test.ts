import { createFirstOwner, firstOwnerPorts } from '@coucou/application/accounts/first-owner';
import { login } from '@coucou/application/auth/login';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { anonymous, refusal } from '../calls.ts';

let app: TestApp;
let account: AccountId;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  account = await app.account();
});

const owner = { email: 'olga@example.com', password: 'correct horse battery staple' };
const create = (more: Partial<typeof owner> = {}) =>
  createFirstOwner(app.container.portsOf(firstOwnerPorts), account, { ...owner, ...more });

describe('the first owner', () => {
  it('is made once, also by several nodes at once, and administers', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 3 }, () => create()));
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled' && outcome.value)).toHaveLength(1);
    const { user } = await app.run(login, { identifier: owner.email, password: owner.password }, anonymous(account));
    expect(user).toMatchObject({ username: 'admin', role: 'owner', emailVerified: true });
    expect((await app.as(user.id, account).call('admin.listUsers')).items).toHaveLength(1);
    expect(await create({ email: 'other@example.com' })).toBe(false);
  });

  it('has a password that is hard to guess, and is nobody who is there already', async () => {
    for (const password of ['password1', 'olga@example.com', 'adminadmin'])
      expect(await refusal(create({ password }))).toBe('PASSWORD_TOO_WEAK');
    const admin = await app.person('someone', account, 'owner');
    await admin.call('admin.createUser', { username: 'mallory', email: owner.email });
    await app.uow.write(account, (tx) => tx.administration.setRole(admin.id, 'member'));
    expect(await refusal(create())).toBe('EMAIL_TAKEN');
  });
});
