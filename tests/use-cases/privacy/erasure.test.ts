import { eraseDeleted, eraseDue } from '@coucou/application/privacy/erase';
import { deletePerson, deletionPorts } from '@coucou/application/privacy/delete-person';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const DAY_MS = 86_400_000;
const going = { aborted: false };

let app: TestApp;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());

const at = (ms: number) => (app.time.now = new Date(Date.UTC(2026, 10, 1) + ms));
const ports = () => app.container.portsOf(eraseDeleted.deps) as Parameters<typeof eraseDue>[0];
const deleted = (person: Caller) =>
  deletePerson(
    app.container.portsOf(deletionPorts),
    { person: person.id },
    { account: person.account, client: { ip: '127.0.0.1', userAgent: 'test' } },
  );
const erasureOf = async (person: Caller): Promise<Payload> => (await app.sql('select * from erasure where user_id = $1', [person.id]))[0];
const group = (owner: Caller, ...others: readonly Caller[]) =>
  owner.call('conversations.create', { type: 'group', title: 'A group', memberIds: others.map(({ id }) => id) });

describe('the erasure of somebody', () => {
  it('begins when requests in flight have ended, and ends a month later', async () => {
    const [alice, bob] = [await app.person('alice'), await app.person('bob')];
    const { id: conversationId } = await group(alice, bob);
    await alice.call('drafts.put', { conversationId, content: 'never sent' });
    at(0);
    await deleted(alice);
    expect(await eraseDue(ports(), going)).toEqual({ erased: 0, finished: 0 });
    at(6_000);
    expect(await eraseDue(ports(), going)).toMatchObject({ finished: 1 });
    expect(await erasureOf(alice)).toMatchObject({ stage: 'at last', step: null });
    expect(await app.sql('select from draft where user_id = $1', [alice.id])).toEqual([]);
    at(29 * DAY_MS);
    expect(await eraseDue(ports(), going)).toEqual({ erased: 0, finished: 0 });
    at(31 * DAY_MS);
    expect(await eraseDue(ports(), going)).toMatchObject({ finished: 1 });
    expect(await erasureOf(alice)).toMatchObject({ stage: 'done', due_at: null });
    expect(await eraseDue(ports(), going)).toEqual({ erased: 0, finished: 0 });
  });

  it('takes their address out of mails that were given up', async () => {
    const [alice, bob] = [await app.person('alice'), await app.person('bob')];
    await app.sql(`update app_user set email = 'Alice@example.com', email_key = 'alice@example.com' where id = $1`, [alice.id]);
    const orders = [
      { kind: 'passwordChanged', userId: alice.id },
      { kind: 'undoEmailChange', userId: alice.id, email: 'former@example.com', version: 1 },
      { kind: 'magicLink', email: 'ALICE@example.com' },
      { kind: 'magicLink', email: 'bob@example.com' },
      { kind: 'passwordChanged', userId: bob.id },
    ];
    for (const order of orders)
      await app.sql(
        `insert into outbox (account_id, id, type, payload, attempts, last_error, dead_at, stored_by)
         values ($1, gen_random_uuid(), 'mail.due', $2, 12, 'Error: no', now(), null)`,
        [alice.account, JSON.stringify({ order, at: '2026-12-01T00:00:00.000Z' })],
      );
    await deleted(alice);
    const { items } = await app.byKey(['jobs:read'], alice.account).call('admin.listDeadLetters', { limit: 100 });
    const left = items.map(({ payload }: Payload) => payload['order']);
    expect(left).toHaveLength(2);
    expect(left).toEqual(expect.arrayContaining(orders.slice(3)));
    await app.sql('delete from outbox where dead_at is not null');
  });

  it('goes on where it was stopped, and a second run finds nothing', async () => {
    const [alice, bob] = [await app.person('alice'), await app.person('bob')];
    for (let count = 0; count < 3; count += 1) await group(bob, alice);
    at(0);
    await deleted(alice);
    at(6_000);
    await eraseDue(ports(), { aborted: true });
    expect(await erasureOf(alice)).toMatchObject({ stage: 'soon', lease_until: null });
    expect(await eraseDue(ports(), going)).toMatchObject({ finished: 1 });
    const left = await app.sql('select count(*) as left from member where user_id = $1 and left_at is not null', [alice.id]);
    expect(left[0].left).toBe(3);
    await app.sql(`update erasure set stage = 'soon', due_at = $2 where user_id = $1`, [alice.id, app.time.now]);
    expect(await eraseDue(ports(), going)).toEqual({ erased: 0, finished: 1 });
  });

  it('is carried out by one node at a time, and by another when that one is gone', async () => {
    const alice = await app.person('alice');
    at(0);
    const { id } = await deleted(alice);
    at(6_000);
    const claim = (ms: number) =>
      ports().uow.write(alice.account, (tx) => tx.erasures.claim(id, at(ms), new Date(at(ms).getTime() + 60_000)));
    expect(await claim(6_000)).toBeDefined();
    expect(await eraseDue(ports(), going)).toEqual({ erased: 0, finished: 0 });
    at(67_000);
    expect(await eraseDue(ports(), going)).toMatchObject({ finished: 1 });
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
    at(0);
    await deleted(alice);
    at(6_000);
    app.told.splice(0);
    await eraseDue(ports(), going);
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
    at(0);
    await deleted(alice);
    at(6_000);
    app.told.splice(0);
    await eraseDue(ports(), going);
    const heard = (person: Caller) => app.told.filter(({ to }) => to['userId'] === person.id).map(({ event }) => event);
    expect(heard(bob)).toEqual(expect.arrayContaining(['friend:removed', 'user:event']));
    expect(heard(carol)).toEqual(expect.arrayContaining(['friend:rejected', 'user:event']));
    expect((await bob.call('friends.list')).items).toEqual([]);
  });
});
