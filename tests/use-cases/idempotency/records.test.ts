import { randomUUID } from 'node:crypto';
import { forgetExpiredRecords } from '@coucou/application/idempotency/forget-expired-records';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { passErasure } from '../../support/erasures.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';

/** What is stored under an idempotency key, and for how long, on both engines. */

let app: TestApp;
let alice: Caller;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  alice = await app.person('alice');
});

const keyed = (idempotencyKey: string = randomUUID()) => ({ idempotencyKey });
const group = { type: 'group', title: 'Once' };
const recordsOf = (who: Caller) => app.sql('select * from idempotency_record where caller_id = $1', [who.id]);

describe('a record', () => {
  it('holds no password that was sent, in any form that could be tried out', async () => {
    const password = 'a very long pass phrase';
    const server = app.byKey(['users:write']);
    const username = `carol-${randomUUID().slice(0, 8)}`;
    const { body } = await server.execute('admin.createUser', { username, password, role: 'member' }, keyed(username));
    const [record] = (await app.sql('select * from idempotency_record where key = $1', [username])) as [Payload];
    expect(JSON.stringify(record)).not.toContain(password);
    expect(JSON.parse(record.body).id).toBe(body.id);
  });

  it('counts for a day', async () => {
    const key = keyed();
    const first = await alice.execute('conversations.create', group, key);
    const [{ hours }] = (await app.sql(
      'select round(extract(epoch from expires_at - now()) / 3600)::int as hours from idempotency_record where caller_id = $1',
      [alice.id],
    )) as [Payload];
    expect(hours).toBe(24);
    await app.sql("update idempotency_record set expires_at = now() - interval '1 second' where caller_id = $1", [alice.id]);
    const second = await alice.execute('conversations.create', { ...group, title: 'Another day' }, key);
    expect(second.replayed).toBeUndefined();
    expect(second.body.id).not.toBe(first.body.id);
    expect(await recordsOf(alice)).toHaveLength(1);
    expect((await alice.execute('conversations.create', { ...group, title: 'Another day' }, key)).body.id).toBe(second.body.id);
  });

  it('is removed once it has expired, in small batches, and only then', async () => {
    await alice.execute('conversations.create', group, keyed());
    await app.sql(
      `insert into idempotency_record (account_id, caller_id, key, fingerprint, status, expires_at)
       select $1, $2, 'old ' || n, repeat('f', 64), 204, now() - interval '1 minute' from generate_series(1, 1200) n`,
      [alice.account, alice.id],
    );
    // Of a node whose clock is wrong: what is kept for 24 hours is kept so by the clock that looks for it, which is the database's.
    app.time.now = new Date(Date.now() + 48 * 3_600_000);
    const report = await forgetExpiredRecords.run(app.container.portsOf(forgetExpiredRecords.deps), { aborted: false });
    app.time.now = undefined;
    expect(report['forgotten']).toBeGreaterThanOrEqual(1_200);
    expect(await recordsOf(alice)).toHaveLength(1);
  });

  it('goes with the person whose it is', async () => {
    await alice.execute('conversations.create', group, keyed());
    await alice.execute('users.updateMe', { displayName: 'Somebody' }, keyed());
    const admin = await app.person('adam', alice.account, 'admin');
    await admin.call('admin.deleteUser', { userId: alice.id });
    await passErasure(app, alice);
    expect(await recordsOf(alice)).toEqual([]);
  });
});
