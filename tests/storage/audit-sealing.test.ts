import { randomUUID } from 'node:crypto';
import { verifyAudit } from '@coucou/application/audit/verify-audit';
import type { AuditEntry } from '@coucou/domain/audit/audit-entry';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { createAuditChain } from '@coucou/postgres/audit/audit-chain';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { createPeople, ids, range } from '../support/fixtures.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';
import { openPostgres } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';

/** Two nodes on one database. */
let database: Database;
let nodes: readonly [TestStorage, TestStorage];
let account: AccountId;
beforeAll(async () => {
  database = await createDatabase();
  nodes = [storageOn(openPostgres(database)), storageOn(openPostgres(database))];
});
afterAll(async () => {
  for (const node of nodes) await node.close();
  await database.drop();
});

const entry = (): AuditEntry => ({
  accountId: account,
  id: ids.next(),
  action: 'user_suspended',
  actor: { kind: 'operator' },
  target: { type: 'user', id: randomUUID() },
  ip: '',
  userAgent: '',
  sessionId: undefined,
  requestId: '',
  details: {},
  at: new Date(),
});
const chainOf = (node: TestStorage) => createAuditChain(node.main);
const sealedIds = async (): Promise<string[]> =>
  (
    await nodes[0].ask<{ id: string }>(
      'coucou_app',
      account,
      'select entry_id as id from audit_seal where account_id = $1 order by number',
      [account],
    )
  ).map(({ id }) => id);

it('seals what 200 transactions write at once, on two nodes at once, each entry once and without a gap', async () => {
  ({ account } = await createPeople(nodes[0].uow));
  const written = new AbortController();
  const sealing = nodes.map(async (node) => {
    for (let last = 1; !written.signal.aborted || last > 0; ) last = await chainOf(node).seal(account, 7);
  });
  const entries = range(1, 200).map(entry);
  const writing = entries.map((each, at) => nodes[at % 2 === 0 ? 0 : 1].uow.write(account, (tx) => tx.auditLog.add(each)));
  await Promise.all(writing).finally(() => written.abort());
  await Promise.all(sealing);
  expect((await sealedIds()).toSorted()).toEqual(entries.map(({ id }) => id).toSorted());
  expect(await verifyAudit({ chain: chainOf(nodes[0]) }, account)).toMatchObject({ sealed: 200, waiting: 0, fault: undefined });
});

it('seals what commits late after what was written later, and misses nothing', async () => {
  ({ account } = await createPeople(nodes[0].uow));
  const [late, early, undone] = [entry(), entry(), entry()];
  const written = Promise.withResolvers<void>();
  const commit = Promise.withResolvers<void>();
  const committing = nodes[0].uow.write(account, async (tx) => {
    await tx.auditLog.add(late);
    written.resolve();
    await commit.promise;
  });
  await written.promise;
  await nodes[1].uow.write(account, (tx) => tx.auditLog.add(early));
  const failing = nodes[1].uow.write(account, async (tx) => {
    await tx.auditLog.add(undone);
    throw new Error('undone');
  });
  await expect(failing).rejects.toThrow('undone');
  // Neither waits for the transaction that is open.
  expect(await chainOf(nodes[1]).seal(account, 100)).toBe(1);
  commit.resolve();
  await committing;
  expect(await chainOf(nodes[1]).seal(account, 100)).toBe(1);
  expect(await sealedIds()).toEqual([early.id, late.id]);
  expect(await verifyAudit({ chain: chainOf(nodes[0]) }, account)).toMatchObject({ sealed: 2, waiting: 0, fault: undefined });
});

it('keeps no writer waiting while a chain is locked', async () => {
  ({ account } = await createPeople(nodes[0].uow));
  const [before, after] = [entry(), entry()];
  await nodes[0].uow.write(account, (tx) => tx.auditLog.add(before));
  await nodes[0].owner.use(async (session) => {
    await session.script(`begin; select pg_advisory_xact_lock(7266826, hashtext('${account}'))`);
    const sealing = chainOf(nodes[1]).seal(account, 100);
    await nodes[0].uow.write(account, (tx) => tx.auditLog.add(after));
    expect(await sealedIds()).toEqual([]);
    await session.script('commit');
    expect(await sealing).toBe(2);
  });
});

it('says how far it trails, in all accounts', async () => {
  const chain = chainOf(nodes[0]);
  for (const each of await chain.waiting()) await chain.seal(each, 1_000);
  expect(await chain.lag()).toEqual({ waiting: 0, oldestSeconds: 0 });
  const made = Date.now();
  for (let other = 0; other < 2; other += 1) {
    ({ account } = await createPeople(nodes[0].uow));
    for (const each of range(1, 2).map(entry)) await nodes[0].uow.write(account, (tx) => tx.auditLog.add(each));
  }
  const waited = await until(
    async () => {
      const lag = await chain.lag();
      return lag.oldestSeconds > 0.05 && lag;
    },
    { what: 'the entries to grow old' },
  );
  expect(waited.waiting).toBe(4);
  expect(waited.oldestSeconds).toBeLessThan((Date.now() - made) / 1_000 + 1);
  await chain.seal(account, 10);
  expect(await chain.lag()).toMatchObject({ waiting: 2 });
});
