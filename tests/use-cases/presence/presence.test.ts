import { randomUUID } from 'node:crypto';
import { announcePresence } from '@coucou/application/presence/announce-presence';
import { queryPresence } from '@coucou/application/presence/get-presence';
import type { DomainEvent } from '@coucou/application/kernel/event';
import { asId, type SessionId } from '@coucou/domain/kernel/ids';
import type { DeviceType } from '@coucou/domain/presence/presence';
import { LocalPresence } from '@coucou/server/composition/ports';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openDirect, openGroup, refusal } from '../calls.ts';

/** Who is told of whose coming and going. */

let app: TestApp;
let [alice, bob, carol, dan]: [Caller, Caller, Caller, Caller] = [] as never;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  [alice, bob, carol, dan] = (await Promise.all(['alice', 'bob', 'carol', 'dan'].map((name) => app.person(name)))) as [
    Caller,
    Caller,
    Caller,
    Caller,
  ];
  await bob.call('friends.accept', { requestId: (await alice.call('friends.request', { userId: bob.id })).id });
  app.told.length = 0;
});

const presence = () => app.container.resolve(LocalPresence);
const newSession = (): SessionId => asId<'session'>(randomUUID());
const connect = (who: Caller, sessionId = newSession(), type: DeviceType = 'browser') => {
  const connection = randomUUID();
  presence().connected({ account: who.account, userId: who.id, sessionId, type }, connection);
  return { sessionId, connection };
};
const told = () =>
  app.told
    .filter(({ event, to }) => event === 'presence:changed' && to['kind'] === 'devices')
    .map(({ to, payload }) => [to['userId'], payload['userId'], payload['status']]);
const query = (who: Caller, { sessionId, connection: socketId }: ReturnType<typeof connect>, userIds: Caller['id'][]) =>
  queryPresence.run(
    { uow: app.uow, registry: presence() },
    { userIds },
    { requestId: 'r', account: who.account, actor: { userId: who.id, sessionId }, client: { ip: '', userAgent: '' }, socketId },
  );
/** Ends the grace of whoever is gone, without waiting for it. */
const gone = async (...connections: string[]) => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    for (const connection of connections) presence().disconnected(connection);
    vi.advanceTimersByTime(10_000);
  } finally {
    vi.useRealTimers();
  }
  await presence().settled();
};

it('is told to oneself, to friends and across direct conversations, on edges only', async () => {
  await openDirect(carol, alice);
  await openGroup(alice, [dan]);
  const first = connect(alice);
  const second = connect(alice);
  await presence().settled();
  const edge = (status: string) => expect.arrayContaining([alice.id, bob.id, carol.id].map((to) => [to, alice.id, status]));
  expect(told()).toEqual(edge('online'));
  expect(told()).toHaveLength(3);
  app.told.length = 0;
  await gone(first.connection);
  expect(told()).toEqual([]);
  await gone(second.connection);
  expect(told()).toEqual(edge('offline'));
  expect(told()).toHaveLength(3);
  expect(app.told.find(({ to }) => to['userId'] === bob.id)?.payload['lastSeenAt']).toEqual(expect.any(String));
  expect(await bob.call('users.get', { userId: alice.id })).toMatchObject({ lastSeenAt: expect.any(String) });
});

it('is told to those who look at a conversation with the person, but never across a block', async () => {
  const group = await openGroup(alice, [carol, dan]);
  await dan.call('blocks.put', { userId: alice.id });
  app.told.length = 0;
  connect(alice);
  await presence().settled();
  const watching = app.told.filter(({ to }) => to['kind'] === 'watchers');
  expect(watching).toMatchObject([
    {
      event: 'presence:changed',
      to: { conversationIds: [group.id], except: expect.arrayContaining([alice.id, bob.id, dan.id]) },
      payload: { status: 'online' },
    },
  ]);
  expect(watching[0]?.payload).not.toHaveProperty('devices');
});

it('shows devices to oneself only', async () => {
  const { sessionId } = connect(alice, newSession(), 'mobile');
  await presence().settled();
  const devices = [{ id: sessionId, type: 'mobile', status: 'online' }];
  expect(await alice.call('users.presence', { userId: alice.id })).toEqual({ userId: alice.id, status: 'online', devices });
  expect(await bob.call('users.presence', { userId: alice.id })).toEqual({ userId: alice.id, status: 'online' });
  for (const { to, payload } of app.told.filter(({ event }) => event === 'presence:changed'))
    expect(payload['devices']).toEqual(to['userId'] === alice.id ? devices : undefined);
});

it('is for friends and fellow members; to everyone else the person is not there', async () => {
  const stranger = await app.person('eve', await app.account());
  connect(alice);
  expect(await bob.call('users.presence', { userId: alice.id })).toMatchObject({ status: 'online' });
  for (const who of [carol, stranger]) {
    expect(await refusal(who.call('users.presence', { userId: alice.id }))).toBe('USER_NOT_FOUND');
    expect(await who.call('presence.query', { userIds: [alice.id, randomUUID()] })).toEqual({ items: [] });
  }
  await openGroup(bob, [alice, carol]);
  expect((await carol.call('presence.query', { userIds: [alice.id] })).items).toMatchObject([{ userId: alice.id, status: 'online' }]);
  expect((await bob.call('friends.list')).items).toMatchObject([{ presence: { status: 'online' } }]);
});

it('is told to those who asked, until they ask for others, part, or go', async () => {
  await openGroup(bob, [alice, carol]);
  const watcher = connect(carol);
  await presence().settled();
  expect((await query(carol, watcher, [alice.id])).items).toMatchObject([{ status: 'offline' }]);
  const carolHears = async () => {
    app.told.length = 0;
    const { connection } = connect(alice);
    await presence().settled();
    await gone(connection);
    return told()
      .filter(([to]) => to === carol.id)
      .map(([, , status]) => status);
  };
  expect(await carolHears()).toEqual(['online', 'offline']);
  await query(carol, watcher, [bob.id]);
  expect(await carolHears()).toEqual([]);
  await query(carol, watcher, [alice.id]);
  await alice.call('blocks.put', { userId: carol.id });
  expect(await carolHears()).toEqual([]);
  await alice.call('blocks.delete', { userId: carol.id });
  expect(await carolHears()).toEqual(['online', 'offline']);
  // Another tab of the same login asks about somebody else: each has its own question.
  const tab = connect(carol, watcher.sessionId);
  await query(carol, tab, [bob.id]);
  expect(await carolHears()).toEqual(['online', 'offline']);
  await gone(watcher.connection);
  expect(await carolHears()).toEqual([]);
});

it('never crosses a block', async () => {
  await openDirect(carol, alice);
  await carol.call('blocks.put', { userId: alice.id });
  connect(alice);
  connect(carol);
  await presence().settled();
  expect(told().filter(([to, who]) => to === alice.id && who === carol.id)).toEqual([]);
  expect(told().filter(([to, who]) => to === carol.id && who === alice.id)).toEqual([]);
});

it('asks the database once about all who change at once, and writes once who went', async () => {
  const counts = { reads: 0, writes: 0 };
  const uow: typeof app.uow = {
    ...app.uow,
    read: (account, work) => ((counts.reads += 1), app.uow.read(account, work)),
    write: (account, work) => ((counts.writes += 1), app.uow.write(account, work)),
  };
  const { id } = await openGroup(carol, [alice, dan]);
  const changes = [alice, bob, carol, dan].map((who) => ({ account: who.account, userId: who.id, devices: [], at: new Date() }));
  const published: DomainEvent[] = [];
  await announcePresence({ uow, live: { publish: (_, events) => void published.push(...events) }, registry: presence() }, changes);
  expect(counts).toEqual({ reads: 1, writes: 1 });
  expect(published).toMatchObject([
    { to: [alice.id, bob.id], conversationIds: [id] },
    { to: [bob.id, alice.id], conversationIds: [] },
    { to: [carol.id], conversationIds: [id] },
    { to: [dan.id], conversationIds: [id] },
  ]);
});

describe('away', () => {
  it('holds while no device is in use', async () => {
    const first = connect(alice);
    const second = connect(alice);
    await presence().settled();
    app.told.length = 0;
    presence().set(first.connection, 'away');
    await presence().settled();
    expect(told()).toEqual([]);
    presence().set(second.connection, 'away');
    await presence().settled();
    expect(told()).toContainEqual([bob.id, alice.id, 'away']);
    presence().set(first.connection, 'online');
    await presence().settled();
    expect(told()).toContainEqual([bob.id, alice.id, 'online']);
    expect(await refusal(alice.call('presence.set', { status: 'offline' }))).toBe('VALIDATION_FAILED');
  });
});
