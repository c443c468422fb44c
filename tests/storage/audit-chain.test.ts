import { randomUUID } from 'node:crypto';
import { verifyAudit } from '@coucou/application/audit/verify-audit';
import { CHAIN_START } from '@coucou/domain/audit/audit-chain';
import type { AuditEntry } from '@coucou/domain/audit/audit-entry';
import { type AccountId, asId } from '@coucou/domain/kernel/ids';
import { createAuditChain } from '@coucou/postgres/audit/audit-chain';
import { createAuditLogRepository } from '@coucou/postgres/audit/audit-log-repository';
import { kyselyOn } from '@coucou/postgres/kit/session';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPeople, ids, range } from '../support/fixtures.ts';
import { engines } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';

describe.each(engines)('the hash chain of the audit log on %s', (_, open) => {
  let storage: TestStorage;
  let chain: ReturnType<typeof createAuditChain>;
  beforeAll(async () => {
    storage = storageOn(await open());
    chain = createAuditChain(storage.main);
    // What keeps an owner from doing it by mistake is tested below; here it is done on purpose.
    await owner('alter table audit_seal drop constraint audit_seal_account_id_entry_id_fkey');
  });
  afterAll(() => storage.close());

  const owner = (script: string) => storage.owner.use((session) => session.script(script));
  /** As somebody who administers the database, and knows what is in the way. */
  const tamper = (script: string) =>
    owner(
      ['audit_entry', 'audit_seal', 'audit_unsealed']
        .map((table) => `alter table ${table} no force row level security; alter table ${table} disable trigger user;`)
        .join(' ') +
        script +
        ['audit_entry', 'audit_seal', 'audit_unsealed']
          .map((table) => `; alter table ${table} force row level security; alter table ${table} enable trigger user`)
          .join(''),
    );

  const entryOf = (accountId: AccountId, more: Partial<AuditEntry> = {}): AuditEntry => ({
    accountId,
    id: ids.next(),
    action: 'role_changed',
    actor: { kind: 'user', id: randomUUID() },
    target: { type: 'user', id: randomUUID() },
    ip: '192.0.2.1',
    userAgent: 'a browser',
    sessionId: ids.next(),
    requestId: 'a request',
    details: { from: 'member', to: 'admin' },
    at: new Date('2026-01-15T12:00:00.123Z'),
    ...more,
  });
  const write = async (account: AccountId, count = 1, more: Partial<AuditEntry> = {}): Promise<readonly AuditEntry[]> => {
    const entries = range(1, count).map(() => entryOf(account, more));
    for (const entry of entries) await storage.uow.write(account, (tx) => tx.auditLog.add(entry));
    return entries;
  };
  const sealAll = async (account: AccountId, by = chain): Promise<void> => {
    while ((await by.seal(account, 500)) > 0);
  };
  /** An account with as many sealed entries. */
  const sealed = async (count: number): Promise<{ account: AccountId; entries: readonly AuditEntry[] }> => {
    const { account } = await createPeople(storage.uow);
    const entries = await write(account, count);
    await sealAll(account);
    return { account, entries };
  };
  const verify = (account: AccountId, head?: string) => verifyAudit({ chain }, account, { head });

  it('holds every entry once, in order and without a gap', async () => {
    const { account, entries } = await sealed(5);
    const rows = await storage.ask<{ number: string; entry_id: string }>(
      'coucou_app',
      account,
      'select number::text, entry_id from audit_seal order by number',
    );
    expect(rows.map(({ number, entry_id: id }) => [number, id])).toEqual(entries.map(({ id }, at) => [String(at + 1), id]));
    expect(await verify(account)).toMatchObject({ sealed: 5, erased: 0, waiting: 0, fault: undefined });
    await write(account, 2);
    expect(await verify(account)).toMatchObject({ sealed: 5, waiting: 2, fault: undefined });
    expect(await chain.waiting()).toContain(account);
    expect([await chain.seal(account, 1), await chain.seal(account, 9), await chain.seal(account, 9)]).toEqual([1, 1, 0]);
    expect(await chain.waiting()).not.toContain(account);
    expect(await verify(account)).toMatchObject({ sealed: 7, waiting: 0, fault: undefined });
  });

  it('begins with nothing', async () => {
    const { account } = await createPeople(storage.uow);
    expect(await chain.head(account)).toEqual(CHAIN_START);
    expect(await verify(account, CHAIN_START.hash)).toMatchObject({ sealed: 0, head: CHAIN_START.hash, fault: undefined });
  });

  it('costs whoever writes one statement', async () => {
    const { account } = await sealed(1);
    const statements: string[] = [];
    const entry = entryOf(account);
    await storage.main.use(async (session) => {
      await session.script(`begin; set local app.account_id = '${account}'`);
      const query: typeof session.query = (text, ...rest) => {
        statements.push(text);
        return session.query(text, ...rest);
      };
      await createAuditLogRepository(kyselyOn(query)).add(entry);
      await session.script('commit');
    });
    expect(statements).toEqual([expect.stringMatching(/^insert into "audit_entry"/)]);
    expect(await chain.seal(account, 9)).toBe(1);
  });

  describe('shows', () => {
    /** Everything that an entry and its seal say, and something else that it could say. */
    const others: Readonly<Record<string, string>> = {
      action: `'user_restored'`,
      actor_kind: `'apiKey'`,
      actor_id: 'gen_random_uuid()',
      target_type: `'message'`,
      target_id: 'gen_random_uuid()',
      ip: `'198.51.100.1'`,
      user_agent: `'another browser'`,
      session_id: 'null',
      request_id: `''`,
      details: `'{"from": "member", "to": "owner"}'`,
      at: `at + interval '1 microsecond'`,
      origin_salt: 'gen_random_uuid()',
      details_salt: 'gen_random_uuid()',
    };

    it('every column of an entry', async () => {
      const columns = await storage.ask<{ name: string }>(
        'coucou_app',
        asId(randomUUID()),
        `select column_name as name from information_schema.columns where table_name = 'audit_entry' and column_name not in ('account_id', 'id')`,
      );
      expect(Object.keys(others).toSorted()).toEqual(columns.map(({ name }) => name).toSorted());
    });

    it.each(Object.entries(others))('that %s was changed', async (column, value) => {
      const { account, entries } = await sealed(4);
      await tamper(`update audit_entry set ${column} = ${value} where id = '${entries[1]?.id}'`);
      expect((await verify(account)).fault).toMatchObject({ is: 'changed', number: 2, entryId: entries[1]?.id });
    });

    it.each([
      ['hash', `sha256('x')`],
      ['origin_digest', `sha256('x')`],
      ['details_digest', 'null'],
      ['sealed_at', `sealed_at - interval '1 hour'`],
    ])('that %s of a seal was changed', async (column, value) => {
      const { account, entries } = await sealed(4);
      await tamper(`update audit_seal set ${column} = ${value} where entry_id = '${entries[2]?.id}'`);
      expect((await verify(account)).fault).toMatchObject({ is: 'changed', number: 3, entryId: entries[2]?.id });
    });

    it('that personal values were blanked, and nobody is erased', async () => {
      const { account, entries } = await sealed(2);
      await tamper(`update audit_entry set details = '{}', details_salt = null where id = '${entries[0]?.id}'`);
      expect((await verify(account)).fault).toMatchObject({ is: 'changed', number: 1, what: expect.stringContaining('details') });
    });

    it('that an entry was removed', async () => {
      const { account, entries } = await sealed(4);
      await tamper(`delete from audit_entry where id = '${entries[2]?.id}'`);
      expect((await verify(account)).fault).toMatchObject({ is: 'missing', number: 3, entryId: entries[2]?.id });
    });

    it('that an entry was removed with its seal', async () => {
      const { account, entries } = await sealed(4);
      const both = `delete from audit_seal where entry_id = '${entries[2]?.id}'; delete from audit_entry where id = '${entries[2]?.id}'`;
      await tamper(both);
      expect((await verify(account)).fault).toMatchObject({ is: 'missing', number: 3 });
      // And the gap was closed.
      await tamper(`update audit_seal set number = 3 where number = 4 and account_id = '${account}'`);
      expect((await verify(account)).fault).toMatchObject({ is: 'missing', number: 3, entryId: entries[3]?.id });
    });

    it('that the first entries were removed', async () => {
      const { account } = await sealed(4);
      await tamper(`delete from audit_seal where number <= 2 and account_id = '${account}';
        update audit_seal set number = number - 2 where account_id = '${account}'`);
      expect((await verify(account)).fault).toMatchObject({ is: 'missing', number: 1 });
    });

    it('that two entries changed places', async () => {
      const { account, entries } = await sealed(5);
      const move = (from: number, to: number) =>
        `update audit_seal set number = ${to} where number = ${from} and account_id = '${account}'`;
      await tamper([move(2, 99), move(4, 2), move(99, 4)].join(';'));
      expect((await verify(account)).fault).toMatchObject({ is: 'reordered', number: 2, entryId: entries[3]?.id });
    });

    it('that an entry was put in past the server', async () => {
      const { account, entries } = await sealed(2);
      const copy = randomUUID();
      const columns = 'action, actor_kind, actor_id, target_type, target_id, ip, user_agent, request_id, details, at';
      await tamper(`insert into audit_entry (account_id, id, ${columns})
        select account_id, '${copy}', ${columns} from audit_entry where id = '${entries[0]?.id}'`);
      expect((await verify(account)).fault).toMatchObject({ is: 'inserted', entryId: copy });
    });

    it('that an entry was put in with a seal of its own', async () => {
      const { account } = await sealed(4);
      // Sealed rightly, after the second; what was sealed after that follows another.
      const { account: elsewhere } = await sealed(3);
      const rightly = (
        await storage.ask<{ id: string }>('coucou_app', account, 'select entry_id as id from audit_seal where number = 2')
      )[0];
      await tamper(`delete from audit_seal where account_id = '${elsewhere}'`);
      expect(rightly).toBeDefined();
      await tamper(`update audit_seal set number = number + 100 where account_id = '${account}' and number > 2`);
      await tamper(`create temporary table kept as select * from audit_seal where account_id = '${account}' and number > 100;
        delete from audit_seal where account_id = '${account}' and number > 100`);
      await write(account);
      await sealAll(account);
      await tamper(`update kept set number = number - 99; insert into audit_seal select * from kept; drop table kept`);
      expect((await verify(account)).fault).toMatchObject({ is: 'inserted', number: 3 });
    });

    it('that the end was cut off, against a head that was kept elsewhere, and only so', async () => {
      const { account } = await sealed(4);
      const { hash } = await chain.head(account);
      await write(account, 3);
      await sealAll(account);
      expect((await verify(account, hash)).fault).toBeUndefined();
      await tamper(`create temporary table cut as select entry_id from audit_seal where account_id = '${account}' and number > 3;
        delete from audit_seal where account_id = '${account}' and number > 3;
        delete from audit_entry where id in (select entry_id from cut); drop table cut`);
      expect((await verify(account)).fault).toBeUndefined();
      expect((await verify(account, hash)).fault).toMatchObject({ is: 'cut', what: expect.stringContaining(hash) });
    });
  });

  describe('is append-only', () => {
    it.each(['coucou_app', 'coucou_system'] as const)('to %s', async (role) => {
      const { account } = await sealed(1);
      for (const table of ['audit_entry', 'audit_seal'])
        for (const statement of [`delete from ${table}`, `truncate ${table}`])
          await expect(storage.ask(role, account, statement)).rejects.toMatchObject({ code: '42501' });
      for (const statement of [`update audit_entry set action = ''`, `update audit_seal set number = 9`])
        await expect(storage.ask(role, account, statement)).rejects.toMatchObject({ code: '42501' });
    });

    it('to its owner’s mistakes; an erasure is none', async () => {
      const { account, entries } = await sealed(1);
      const [entry] = entries;
      const seeing = (statement: string) => `set role coucou_system; ${statement}; reset role`;
      await owner('alter table audit_entry no force row level security; alter table audit_seal no force row level security');
      for (const statement of [
        `update audit_entry set action = 'x'`,
        `update audit_entry set details = '{}'`,
        `update audit_entry set ip = '', user_agent = '', origin_salt = null, action = 'x'`,
        'delete from audit_entry',
        'update audit_seal set number = number + 1',
        'delete from audit_seal',
        'truncate audit_seal',
        'truncate audit_entry cascade',
      ])
        await expect(owner(statement)).rejects.toMatchObject({ code: '42501', message: 'the audit log is append-only' });
      await owner(seeing(`update audit_entry set ip = '', user_agent = '', origin_salt = null where id = '${entry?.id}'`));
      await owner(seeing(`update audit_entry set details = '{}', details_salt = null where id = '${entry?.id}'`));
      await owner('alter table audit_entry force row level security; alter table audit_seal force row level security');
      expect((await verify(account)).fault).toMatchObject({ is: 'changed' });
    });
  });
});
