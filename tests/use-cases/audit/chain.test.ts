import { randomUUID } from 'node:crypto';
import { sealAudit } from '@coucou/application/audit/seal-entries';
import { verifyAudit, verifyPorts } from '@coucou/application/audit/verify-audit';
import { audit } from '@coucou/server/admin/audit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { passErasure } from '../../support/erasures.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';

const going = { aborted: false };

let app: TestApp;
let clientKey: string;
let alice: Caller;
let bob: Caller;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  app.time.now = undefined;
  clientKey = `key-${randomUUID()}`;
  const { id } = await app.operator().call('accounts.create', { name: 'Acme', clientKey });
  alice = await app.person('alice', id, 'owner');
  bob = await app.person('bob', id);
});

const seal = () => sealAudit.run(app.container.portsOf(sealAudit.deps), going);
const verify = () => verifyAudit(app.container.portsOf(verifyPorts), alice.account);
const run = async (...args: string[]): Promise<string> => {
  const printed: string[] = [];
  const print = (line: string) => void printed.push(line);
  await audit
    .prepare(args)({ ports: app.container, print })
    .catch((error: unknown) => {
      throw new Error([...printed, (error as Error).message].join('\n'), { cause: error });
    });
  return printed.join('\n');
};

describe('the hash chain', () => {
  it('is made by a job, of all accounts, and shown with the entries', async () => {
    await alice.call('admin.suspendUser', { userId: bob.id });
    const [before] = (await alice.call('admin.listAuditLogs')).items;
    expect(before).not.toHaveProperty('seal');
    expect((await seal())['sealed']).toBeGreaterThanOrEqual(2);
    expect(await seal()).toEqual({ sealed: 0 });
    const { items } = await alice.call('admin.listAuditLogs');
    expect(items.map(({ action, seal: { number } }: Payload) => [action, number])).toEqual([
      ['user_suspended', 2],
      ['account_created', 1],
    ]);
    expect(await verify()).toMatchObject({ sealed: 2, head: items[0].seal.hash, fault: undefined });
  });

  it('goes on, in every account, where the rights of the server queued what is sealed already', async () => {
    const carol = await app.person('carol', undefined, 'owner');
    const act = async (owner: Caller) =>
      owner.call('admin.suspendUser', { userId: (await app.person(`d${randomUUID().slice(0, 8)}`, owner.account)).id });
    const newest = async (owner: Caller) => (await owner.call('admin.listAuditLogs', { limit: 1 })).items[0];
    await act(carol);
    await seal();
    const { id } = await newest(carol);
    await app.sql('insert into audit_unsealed (account_id, entry_id) values ($1, $2)', [carol.account, id]);
    for (const owner of [alice, carol]) await act(owner);
    expect((await seal())['sealed']).toBeGreaterThanOrEqual(2);
    for (const owner of [alice, carol]) expect(await newest(owner)).toHaveProperty('seal');
    for (const { account } of [alice, carol])
      expect(await verifyAudit(app.container.portsOf(verifyPorts), account)).toMatchObject({ waiting: 0, fault: undefined });
  });

  it.each(['sealed before', 'sealed after'])('holds when somebody is erased, and what is personal is gone (%s)', async (when) => {
    await bob.call('users.changeUsername', { username: `bob-${randomUUID().slice(0, 8)}` });
    await alice.call('admin.setUserRole', { userId: bob.id, role: 'admin' });
    if (when === 'sealed before') await seal();
    await alice.call('admin.deleteUser', { userId: bob.id });
    for (const _stage of ['soon', 'at last']) await passErasure(app, bob);
    await seal();
    expect(await verify()).toMatchObject({ waiting: 0, erased: 3, fault: undefined });
    const { items } = await alice.call('admin.listAuditLogs', { targetId: bob.id });
    expect(items.map(({ action, actor, ip, details }: Payload) => [action, actor.id ?? actor.kind, ip, details])).toEqual([
      ['user_erased', 'system', '', {}],
      ['user_deleted', alice.id, '127.0.0.1', {}],
      ['role_changed', alice.id, '127.0.0.1', {}],
      ['username_changed', bob.id, '', {}],
    ]);
  });
});

describe('pnpm cli audit', () => {
  it('says that a chain is right, and its head', async () => {
    await seal();
    const head = await run('head', '--account', clientKey);
    expect(head).toMatch(/^1 [0-9a-f]{64}$/);
    const hash = head.slice(2);
    const right = `1 entries are as they were written (0 with erased personal data, 0 not sealed yet); head ${head}`;
    expect(await run('verify', '--account', clientKey)).toBe(`${clientKey}: ${right}`);
    expect(await run('verify', '--account', clientKey, '--head', hash)).toBe(`${clientKey}: ${right}`);
    expect(await run('verify')).toContain(`${alice.account}: ${right}`);
  });

  it('fails where the chain does not hold the head that was kept', async () => {
    await seal();
    const elsewhere = 'f'.repeat(64);
    await expect(run('verify', '--account', clientKey, '--head', elsewhere)).rejects.toThrow(
      new RegExp(`^${clientKey}: broken: cut: the chain does not hold ${elsewhere}.*\nthe audit log is not what it was$`),
    );
  });

  it.each([
    [[], 'give one of verify, head, export'],
    [['check'], 'give one of verify, head, export'],
    [['verify', 'it'], 'give one of verify, head, export'],
    [['verify', '--head', 'f'.repeat(64)], '--head is for `audit verify --account <key>`'],
    [['verify', '--account', 'default', '--head', 'F'], '--head must be a hash'],
    [['verify', '--out', 'x'], '--out is for `audit export`'],
    [['export'], '--out is required'],
  ])('does nothing for %j', (args, fault) => {
    expect(() => audit.prepare(args)).toThrow(fault);
  });

  it('knows no account that is not there', async () => {
    await expect(run('head', '--account', 'nobody')).rejects.toThrow('there is no account with the client key "nobody"');
  });
});
