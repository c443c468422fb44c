import { exportAuditLogs } from '@coucou/application/audit/list-audit-logs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { asId } from '@coucou/domain/kernel/ids';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { as, refusal } from '../calls.ts';

let app: TestApp;
let account: AccountId;
let alice: Caller;
let bob: Caller;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  app.time.now = undefined;
  account = await app.account();
  alice = await app.person('alice', account, 'owner');
  bob = await app.person('bob', account);
});

const at = (second: number): void => void (app.time.now = new Date(Date.UTC(2026, 0, 15, 12, 0, second)));
const list = async (filter: Record<string, unknown> = {}, by = alice): Promise<Payload> => by.call('admin.listAuditLogs', filter);
const actions = async (filter?: Record<string, unknown>): Promise<string[]> =>
  (await list(filter)).items.map(({ action }: Payload) => action);

/** Three acts of alice, at the seconds 1 to 3 of a minute. */
async function threeActs(): Promise<void> {
  for (const [second, operation] of ['admin.suspendUser', 'admin.restoreUser', 'admin.suspendUser'].entries()) {
    at(second + 1);
    await alice.call(operation, { userId: bob.id });
  }
}

describe('the audit log', () => {
  it('says who did what to whom, from where and when', async () => {
    at(7);
    const [actor, requestId] = [asId<'session'>('01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f'), 'a request'];
    const client = { ip: '192.0.2.7', userAgent: 'a browser' };
    const more = { requestId, client, actor: { userId: alice.id, sessionId: actor } };
    await alice.execute('admin.suspendUser', { userId: bob.id }, more);
    expect((await list({ action: 'user_suspended' })).items).toEqual([
      {
        id: expect.any(String),
        action: 'user_suspended',
        actor: { kind: 'user', id: alice.id },
        target: { type: 'user', id: bob.id },
        ip: '192.0.2.7',
        userAgent: 'a browser',
        sessionId: actor,
        requestId,
        details: {},
        at: '2026-01-15T12:00:07.000Z',
      },
    ]);
  });

  it('is searched by what was done, by whom, to whom and when', async () => {
    await threeActs();
    app.time.now = undefined;
    await app.byKey(['users:write'], account).call('admin.restoreUser', { userId: bob.id });
    expect(await actions({ targetId: bob.id })).toEqual(['user_restored', 'user_suspended', 'user_restored', 'user_suspended']);
    expect(await actions({ targetId: bob.id, actorKind: 'apiKey' })).toEqual(['user_restored']);
    expect(await actions({ actorId: alice.id, action: 'user_restored' })).toEqual(['user_restored']);
    expect(await actions({ action: 'user_suspended', targetType: 'user' })).toHaveLength(2);
    expect(await actions({ targetType: 'account' })).toEqual([]);
    const within = { since: '2026-01-15T12:00:02Z', before: '2026-01-15T12:00:03Z' };
    expect(await actions(within)).toEqual(['user_restored']);
    expect(await actions({ ...within, targetId: alice.id })).toEqual([]);
    expect(await actions({ q: 'SUSPEND', targetId: bob.id })).toHaveLength(2);
    expect(await actions({ q: '127.0.0.1', action: 'user_restored' })).toHaveLength(2);
    for (const q of ['%', '_', String.raw`\ `, "'", '*']) expect(await actions({ q: `${q}x`, targetId: bob.id })).toEqual([]);
  });

  it('is read in pages, whatever is searched for and whatever is added meanwhile', async () => {
    await threeActs();
    for (const filter of [{}, { targetId: bob.id }, { actorId: alice.id }, { action: 'user_suspended' }, { q: 'user' }]) {
      const all = (await list({ ...filter, before: '2026-01-15T12:01:00Z' })).items;
      const paged: Payload[] = [];
      let cursor: string | undefined;
      do {
        const page = await list({ ...filter, before: '2026-01-15T12:01:00Z', limit: 1, cursor });
        paged.push(...page.items);
        cursor = page.nextCursor ?? undefined;
        at(paged.length + 10);
        await alice.call('admin.putSettings', { guests: paged.length % 2 === 1 });
      } while (cursor !== undefined && paged.length < 50);
      const before = (entries: readonly Payload[]) => entries.filter(({ action }) => action.startsWith('user_')).map(({ id }) => id);
      expect(before(paged)).toEqual(before(all));
    }
  });

  it('ends a page where a search has looked at enough, and goes on from there', async () => {
    const insert = `insert into audit_entry (account_id, id, action, actor_kind, target_type, target_id, ip, user_agent, request_id, details, at)
      select $1::uuid, gen_random_uuid(), 'filler', 'system', 'account', $1::uuid, '', '', '', '{}', now() - make_interval(secs => n)
      from generate_series(1, 6000) n`;
    const first = asId<'account'>((await app.sql("select account_id from account where client_key = 'default'"))[0].account_id);
    const owner = await app.person('olga', first, 'owner');
    app.time.now = new Date(Date.now() - 86_400_000);
    const carol = await app.person('carol', first);
    await owner.call('admin.suspendUser', { userId: carol.id });
    app.time.now = undefined;
    await app.sql(insert, [first]);
    const page = await list({ q: 'user_suspended', before: new Date().toISOString() }, owner);
    expect(page.items).toEqual([]);
    const next = await list({ q: 'user_suspended', before: new Date().toISOString(), cursor: page.nextCursor }, owner);
    expect(next.items).toMatchObject([{ action: 'user_suspended', target: { id: carol.id } }]);
    expect(next.nextCursor).toBeNull();
  });

  it('shows nothing of another account', async () => {
    const mallory = await app.person('mallory', await app.account(), 'owner');
    await threeActs();
    for (const filter of [{}, { targetId: bob.id }, { actorId: alice.id }, { q: 'user_suspended' }])
      expect((await list(filter, mallory)).items).toEqual([]);
  });

  it.each([
    { q: 'x'.repeat(10_240) },
    { q: '' },
    { q: 'a\u0000b' },
    { q: '\u202E' },
    { action: 'x'.repeat(65) },
    { actorKind: 'robot' },
    { targetId: 'me' },
    { since: 'yesterday' },
    { before: '9999999-01-01T00:00:00Z' },
    { cursor: 'made up' },
    { limit: 101 },
    { other: true },
  ])('refuses %j', async (filter) => {
    expect(await refusal(list(filter))).toBe('cursor' in filter ? 'CURSOR_INVALID' : 'VALIDATION_FAILED');
  });

  it('is for those who administer, and for API keys with the scope', async () => {
    expect(await refusal(list({}, bob))).toBe('FORBIDDEN');
    const by = (scope: string) => app.byKey([scope], account);
    expect(await refusal(by('users:read').call('admin.listAuditLogs'))).toBe('FORBIDDEN');
    expect(await refusal(by('audit:read').call('admin.exportAuditLogs'))).toBe('FORBIDDEN');
    expect((await by('audit:read').call('admin.listAuditLogs')).items).toEqual(expect.any(Array));
  });
});

it('an export stops looking when whoever asked for it is gone, though nothing was found for them yet', async () => {
  const owner = await app.person('carol', undefined, 'owner');
  // As many as are looked at for one page, and one more, which is the one that is sought.
  await app.sql(
    `insert into audit_entry (account_id, id, action, actor_kind, target_type, target_id, ip, user_agent, request_id, details, at)
     select $1::uuid, gen_random_uuid(), 'user_suspended', 'operator', 'account', $1::uuid, '', '', case n when 0 then 'the needle' else '' end, '{}',
       '2026-01-15T12:00:00Z'::timestamptz + make_interval(secs => n)
     from generate_series(0, 5000) n`,
    [owner.account],
  );
  const found = async (destroyed: boolean): Promise<number> => {
    const call = {
      ...as(owner.account, owner.id),
      authority: { by: 'person', userId: owner.id, role: 'owner' },
      connection: { destroyed },
    } as const;
    let entries = 0;
    for await (const _ of await app.run(exportAuditLogs, { q: 'the needle' }, call)) entries += 1;
    return entries;
  };
  expect([await found(false), await found(true)]).toEqual([1, 0]);
});
