import { randomUUID } from 'node:crypto';
import { eraseDeleted, orderErasures } from '@coucou/application/privacy/erase';
import { deletePerson, deletionPorts } from '@coucou/application/privacy/delete-person';
import { override } from '@coucou/server/composition/ports';
import { createRunningUploads } from '@coucou/files/running-uploads';
import { RunningUploads } from '@coucou/application/ports/running-uploads';
import type { Payload } from '../../support/event-log.ts';
import { passErasure } from '../../support/erasures.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const DAY_MS = 86_400_000;

const uploads = { broken: false };

let app: TestApp;
beforeAll(async () => {
  const abandon = () => {
    if (uploads.broken) throw new Error('nothing can be abandoned');
  };
  app = await openTestApp({ overrides: [override(RunningUploads, { ...createRunningUploads(), abandon })] });
});
afterAll(() => app.close());
afterEach(async () => {
  uploads.broken = false;
  await app.sql(`delete from outbox where dead_at is not null`);
});

const deleted = (person: Caller) =>
  deletePerson(
    app.container.portsOf(deletionPorts),
    { person: person.id },
    { account: person.account, client: { ip: '127.0.0.1', userAgent: 'test' } },
  );
const erasureOf = async (person: Caller): Promise<Payload> => (await app.sql('select * from erasure where user_id = $1', [person.id]))[0];
const orders = (person: Caller) =>
  app.sql(
    `select dedup_key is not null as waits, due_at, dead_at is not null as dead, attempts from outbox
     where type = 'privacy.erasureDue' and payload ->> 'person' = $1`,
    [person.id],
  );
const orderAnew = async () => (await orderErasures.run(app.container.portsOf(orderErasures.deps), { aborted: false }))['ordered'];
const group = (owner: Caller, ...others: readonly Caller[]) =>
  owner.call('conversations.create', { type: 'group', title: 'A group', memberIds: others.map(({ id }) => id) });

describe('the erasure of somebody', () => {
  it('is ordered with the deletion, begins when requests in flight have ended, and ends a month later', async () => {
    const [alice, bob] = [await app.person('alice'), await app.person('bob')];
    const { id: conversationId } = await group(alice, bob);
    await alice.call('drafts.put', { conversationId, content: 'never sent' });
    const { dueAt, requestedAt } = await deleted(alice);
    expect(dueAt?.getTime()).toBe(requestedAt.getTime() + 5_000);
    expect(await orders(alice)).toMatchObject([{ waits: true, due_at: dueAt }]);
    // Before its time it is put off.
    await app.dueNow();
    await app.settled();
    expect(await erasureOf(alice)).toMatchObject({ stage: 'soon', step: null });
    expect(await orders(alice)).toMatchObject([{ waits: true, due_at: dueAt }]);
    await passErasure(app, alice);
    expect(await erasureOf(alice)).toMatchObject({ stage: 'at last', step: null, lease_until: null });
    expect(await app.sql('select from draft where user_id = $1', [alice.id])).toEqual([]);
    const heldUntil = new Date(requestedAt.getTime() + 30 * DAY_MS);
    expect(await orders(alice)).toMatchObject([{ waits: true, due_at: heldUntil }]);
    await app.dueNow();
    await app.settled();
    expect(await erasureOf(alice)).toMatchObject({ stage: 'at last', due_at: heldUntil });
    await passErasure(app, alice);
    expect(await erasureOf(alice)).toMatchObject({ stage: 'done', due_at: null });
    expect(await orders(alice)).toEqual([]);
  });

  it('takes their address out of mails that were given up', async () => {
    const [alice, bob] = [await app.person('alice'), await app.person('bob')];
    await app.sql(`update app_user set email = 'Alice@example.com', email_key = 'alice@example.com' where id = $1`, [alice.id]);
    const mails = [
      { kind: 'passwordChanged', userId: alice.id },
      { kind: 'undoEmailChange', userId: alice.id, email: 'former@example.com', version: 1 },
      { kind: 'magicLink', email: 'ALICE@example.com' },
      { kind: 'magicLink', email: 'bob@example.com' },
      { kind: 'passwordChanged', userId: bob.id },
    ];
    for (const order of mails)
      await app.sql(
        `insert into outbox (account_id, id, type, payload, attempts, last_error, dead_at, stored_by)
         values ($1, gen_random_uuid(), 'mail.due', $2, 12, 'Error: no', now(), null)`,
        [alice.account, JSON.stringify({ order, at: '2026-12-01T00:00:00.000Z' })],
      );
    await deleted(alice);
    const { items } = await app.byKey(['jobs:read'], alice.account).call('admin.listDeadLetters', { limit: 100 });
    const left = items.map(({ payload }: Payload) => payload['order']);
    expect(left).toHaveLength(2);
    expect(left).toEqual(expect.arrayContaining(mails.slice(3)));
  });

  it('goes on behind other jobs when it takes long, and a second run finds nothing', async () => {
    const [alice, bob] = [await app.person('alice'), await app.person('bob')];
    for (let count = 0; count < 3; count += 1) await group(bob, alice);
    await deleted(alice);
    const read = Date.now();
    let reads = 0;
    // Each look at the clock takes a minute, so that each batch is a slice of its own.
    Object.defineProperty(app.time, 'now', { configurable: true, get: () => new Date(read + 60_000 * (reads += 1)) });
    try {
      await passErasure(app, alice);
    } finally {
      Object.defineProperty(app.time, 'now', { configurable: true, writable: true, value: undefined });
    }
    expect(await erasureOf(alice)).toMatchObject({ stage: 'at last', failures: 0 });
    const left = await app.sql('select count(*) as left from member where user_id = $1 and left_at is not null', [alice.id]);
    expect(left[0].left).toBe(3);
    const before = await erasureOf(alice);
    expect(before['erased']).toBeGreaterThanOrEqual(3);
    await app.sql(`update erasure set stage = 'soon' where user_id = $1`, [alice.id]);
    await passErasure(app, alice);
    expect(await erasureOf(alice)).toMatchObject({ stage: 'at last', erased: before['erased'] });
  });

  it('ends behind the batch that is under way when its node stops, and goes on elsewhere', async () => {
    const [alice, bob] = [await app.person('alice'), await app.person('bob')];
    await group(bob, alice);
    await deleted(alice);
    await app.sql(`update erasure set due_at = clock_now() - interval '1 minute' where user_id = $1`, [alice.id]);
    const order = { id: randomUUID(), type: 'privacy.erasureDue', account: alice.account, person: alice.id };
    await eraseDeleted.run(app.container.portsOf(eraseDeleted.deps), [order], { report: () => {}, stopping: { aborted: true } });
    const stopped = await erasureOf(alice);
    expect(stopped).toMatchObject({ stage: 'soon', lease_until: null, failures: 0 });
    expect(stopped['erased']).toBeGreaterThan(0);
    await app.settled();
    expect(await erasureOf(alice)).toMatchObject({ stage: 'at last' });
  });

  it('is carried out by one node at a time, and by another when that one is gone', async () => {
    const alice = await app.person('alice');
    await deleted(alice);
    await app.sql(`update erasure set due_at = clock_now(), lease_until = clock_now() + interval '1 minute' where user_id = $1`, [
      alice.id,
    ]);
    await app.dueNow();
    await app.settled();
    const { stage, lease_until: until } = await erasureOf(alice);
    expect(stage).toBe('soon');
    expect(await orders(alice)).toMatchObject([{ waits: true, due_at: until }]);
    await passErasure(app, alice);
    expect(await erasureOf(alice)).toMatchObject({ stage: 'at last' });
  });

  it('is tried again when it fails, is a dead letter in the end, and is ordered anew a day later', async () => {
    const alice = await app.person('alice');
    await deleted(alice);
    await app.sql(`update erasure set stage = 'soon', due_at = clock_now() where user_id = $1`, [alice.id]);
    uploads.broken = true;
    await app.dueNow();
    await expect(app.settled()).rejects.toThrow(/subscribers failed/);
    expect(await erasureOf(alice)).toMatchObject({ stage: 'soon', lease_until: null });
    // Retries need no further event, and do not wait for the due date of the stage. One whose time has come meanwhile is run by the same drain.
    while ((await orders(alice)).some(({ dead }) => !dead)) {
      await app.dueNow();
      await app.settled().catch(() => {});
    }
    expect(await erasureOf(alice)).toMatchObject({ stage: 'soon', failures: 12 });
    expect(await orders(alice)).toMatchObject([{ dead: true, attempts: 12 }]);
    const since = (interval: string) =>
      app.sql(`update erasure set due_at = clock_now() - $2::interval where user_id = $1`, [alice.id, interval]);
    await since('23 hours');
    expect(await orderAnew()).toBe(0);
    await since('25 hours');
    expect([await orderAnew(), await orderAnew()]).toEqual([1, 1]);
    expect((await orders(alice)).filter(({ waits }) => waits)).toHaveLength(1);
    uploads.broken = false;
    await app.settled();
    expect(await erasureOf(alice)).toMatchObject({ stage: 'at last', failures: 0 });
  });

  it('is ordered anew when its order is lost', async () => {
    const alice = await app.person('alice');
    await deleted(alice);
    await app.sql(`delete from outbox where dedup_key = $1`, [alice.id]);
    expect(await orderAnew()).toBe(0);
    await app.sql(`update erasure set due_at = clock_now() - interval '6 minutes' where user_id = $1`, [alice.id]);
    expect(await orderAnew()).toBe(1);
    await app.settled();
    expect(await erasureOf(alice)).toMatchObject({ stage: 'at last' });
  });

  it('hands a group to the highest role, and among equals to who was there first, each change a version of its own', async () => {
    const [alice, bob, carol, dan] = [
      await app.person('alice'),
      await app.person('bob'),
      await app.person('carol'),
      await app.person('dan'),
    ];
    const { id: conversationId, version } = await group(alice, bob, carol);
    await alice.call('members.add', { conversationId, userIds: [dan.id] });
    for (const { id: userId } of [dan, carol]) await alice.call('members.update', { conversationId, userId, role: 'admin' });
    await deleted(alice);
    app.told.splice(0);
    await passErasure(app, alice);
    const versions = app.told.filter(({ event }) => event.startsWith('member:')).map(({ event, payload }) => [event, payload['version']]);
    expect(versions).toEqual([
      ['member:updated', version + 4],
      ['member:left', version + 5],
    ]);
    const roles = await app.sql('select user_id, role from member where conversation_id = $1 and left_at is null', [conversationId]);
    expect(Object.fromEntries(roles.map((row) => [row.user_id, row.role]))).toEqual({
      [bob.id]: 'member',
      [carol.id]: 'owner',
      [dan.id]: 'admin',
    });
  });

  it('ends friendships and requests for the others, as they know it', async () => {
    const [alice, bob, carol] = [await app.person('alice'), await app.person('bob'), await app.person('carol')];
    const { id: requestId } = await bob.call('friends.request', { userId: alice.id });
    await alice.call('friends.accept', { requestId });
    await carol.call('friends.request', { userId: alice.id });
    await deleted(alice);
    app.told.splice(0);
    await passErasure(app, alice);
    const heard = (person: Caller) => app.told.filter(({ to }) => to['userId'] === person.id).map(({ event }) => event);
    expect(heard(bob)).toEqual(expect.arrayContaining(['friend:removed', 'user:event']));
    expect(heard(carol)).toEqual(expect.arrayContaining(['friend:rejected', 'user:event']));
    expect((await bob.call('friends.list')).items).toEqual([]);
  });
});
