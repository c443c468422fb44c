import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openGroup, refusal, send } from '../calls.ts';

/** Marks of what people received and read, and what follows from them. */

let app: TestApp;
let alice: Caller;
let bob: Caller;
let carol: Caller;
let outsider: Caller;
let stranger: Caller;
beforeAll(async () => {
  app = await openTestApp();
  [alice, bob, carol, outsider] = await Promise.all([app.person('alice'), app.person('bob'), app.person('carol'), app.person('dan')]);
  stranger = await app.person('stranger', await app.account());
});
afterAll(() => app.close());

const mark = async (person: Caller, group: { id: string }, marks: { readSeq?: number; deliveredSeq?: number }) => {
  const marked = person.call('receipts.mark', { items: [{ conversationId: group.id, ...marks }] });
  await app.storage.receiptLog.settled();
  return (await marked).items[0];
};
const own = (person: Caller, group: { id: string }) => person.call('conversations.get', { conversationId: group.id });
const receipts = (person: Caller, group: { id: string }, more = {}) => person.call('receipts.list', { conversationId: group.id, ...more });
const sendMany = async (person: Caller, group: { id: string }, count: number) => {
  for (let index = 0; index < count; index += 1) await send(person, group, `${index}`);
};

describe('a mark', () => {
  it('moves forward only, never past the newest message, and reading is receiving', async () => {
    const group = await openGroup(alice, [bob]);
    await sendMany(alice, group, 5);
    expect(await mark(bob, group, { deliveredSeq: 2 })).toMatchObject({ deliveredSeq: 2, readSeq: 0, unread: { messages: 5 } });
    expect(await mark(bob, group, { readSeq: 3 })).toMatchObject({ deliveredSeq: 3, readSeq: 3, unread: { messages: 2 } });
    expect(await mark(bob, group, { readSeq: 1, deliveredSeq: 1 })).toMatchObject({ deliveredSeq: 3, readSeq: 3 });
    expect(await mark(bob, group, { readSeq: 1_000_000_000 })).toMatchObject({ deliveredSeq: 5, readSeq: 5, unread: { messages: 0 } });
    expect((await own(bob, group)).membership).toMatchObject({ readSeq: 5, deliveredSeq: 5 });
  });

  it('is one of many: a batch takes one receiptsVersion and is told in one event', async () => {
    const group = await openGroup(alice, [bob, carol]);
    await sendMany(alice, group, 2);
    const before = (await receipts(alice, group)).receiptsVersion;
    app.told.length = 0;
    const all = [1, 2].flatMap((readSeq) =>
      [bob, carol].map((person) => person.call('receipts.mark', { items: [{ conversationId: group.id, readSeq }] })),
    );
    await Promise.all(all);
    await app.storage.receiptLog.settled();
    const told = app.told.filter(({ event, to }) => event === 'receipt:updated' && to['kind'] === 'watchers');
    expect(told).toHaveLength(1);
    expect(told[0]?.payload).toMatchObject({ conversationId: group.id, receiptsVersion: before + 1 });
    expect(new Set(told[0]?.payload['items'].map((item: Payload) => [item.userId, item.readSeq].join()))).toEqual(
      new Set([bob, carol].map(({ id }) => `${id},2`)),
    );
    expect(told[0]?.payload).not.toHaveProperty('version');
    const devices = app.told.filter(({ to }) => to['kind'] === 'devices' && to['userId'] === bob.id);
    expect(devices.map(({ event }) => event)).toEqual(['receipt:updated', 'unread:updated']);
    expect(devices[1]?.payload).toMatchObject({ conversationId: group.id, messages: 0 });
    app.told.length = 0;
    await mark(bob, group, { readSeq: 2 });
    expect(app.told).toEqual([]);
    expect((await receipts(alice, group)).receiptsVersion).toBe(before + 1);
  });

  it('adds up what is unread over all conversations that are not archived', async () => {
    const person = await app.person('erin');
    const [first, second, third] = [await openGroup(alice, [person]), await openGroup(alice, [person]), await openGroup(alice, [person])];
    for (const group of [first, second, third]) await sendMany(alice, group, 3);
    await send(alice, second, 'hey', { mentions: [person.id] });
    await person.call('membership.update', { conversationId: third.id, archived: true });
    app.told.length = 0;
    await mark(person, first, { readSeq: 2 });
    const unread = app.told.filter(({ event }) => event === 'unread:updated').map(({ payload }) => payload);
    expect(unread).toMatchObject([{ total: 5, mentions: 1, conversationId: first.id, messages: 1 }]);
  });

  it('tells what is unread in each conversation that was marked, and the total with each', async () => {
    const person = await app.person('frank');
    const groups = [await openGroup(alice, [person]), await openGroup(alice, [person])];
    for (const group of groups) await sendMany(alice, group, 3);
    app.told.length = 0;
    const items = groups.map(({ id }, at) => ({ conversationId: id, readSeq: at + 1 }));
    const marked = person.call('receipts.mark', { items });
    await app.storage.receiptLog.settled();
    await marked;
    const unread = app.told.filter(({ event }) => event === 'unread:updated').map(({ payload }) => payload);
    const toldOf = ({ id }: { id: string }) => unread.find(({ conversationId }) => conversationId === id);
    expect(groups.map(toldOf)).toMatchObject([
      { total: 3, messages: 2 },
      { total: 3, messages: 1 },
    ]);
    expect(unread).toHaveLength(2);
  });

  it('passes over conversations that are not one’s own', async () => {
    const group = await openGroup(alice, [bob]);
    await sendMany(alice, group, 1);
    for (const person of [outsider, stranger]) expect(await mark(person, group, { readSeq: 1 })).toBeUndefined();
    await alice.call('members.remove', { conversationId: group.id, userId: bob.id });
    expect(await mark(bob, group, { readSeq: 1 })).toBeUndefined();
  });

  it.each([
    ['no mark', { items: [{ conversationId: crypto.randomUUID() }] }],
    ['nothing', { items: [] }],
    ['101', { items: Array.from({ length: 101 }, () => ({ conversationId: crypto.randomUUID(), readSeq: 1 })) }],
    ['a negative seq', { items: [{ conversationId: crypto.randomUUID(), readSeq: -1 }] }],
    ['a seq beyond counting', { items: [{ conversationId: crypto.randomUUID(), readSeq: 1e300 }] }],
  ])('refuses %s', async (_name, input) => {
    expect(await refusal(bob.call('receipts.mark', input))).toBe('VALIDATION_FAILED');
  });

  it('takes back what was marked unread', async () => {
    const group = await openGroup(alice, [bob]);
    await sendMany(alice, group, 4);
    await mark(bob, group, { readSeq: 4 });
    await bob.call('membership.markUnread', { conversationId: group.id, fromSeq: 3 });
    expect((await own(bob, group)).unread.messages).toBe(2);
    await mark(bob, group, { deliveredSeq: 4 });
    expect((await own(bob, group)).unread.messages).toBe(2);
    const { receiptsVersion } = await receipts(alice, group);
    expect(await mark(bob, group, { readSeq: 4 })).toMatchObject({ unread: { messages: 0 } });
    expect((await receipts(alice, group)).receiptsVersion).toBe(receiptsVersion);
  });
});

describe('who has read', () => {
  it('is known to members', async () => {
    const group = await openGroup(alice, [bob, carol]);
    await sendMany(alice, group, 2);
    const message = await send(alice, group, 'read me');
    await mark(bob, group, { readSeq: 3 });
    await mark(carol, group, { readSeq: 2, deliveredSeq: 3 });
    const late = await app.person('late');
    await alice.call('members.add', { conversationId: group.id, userIds: [late.id] });
    const readers = await alice.call('messages.readers', { messageId: message.id });
    expect(readers).toEqual({ members: 2, delivered: 2, read: 1, readBy: [bob.id], deliveredTo: [bob.id, carol.id].toSorted() });
    for (const person of [outsider, stranger]) {
      expect(await refusal(person.call('messages.readers', { messageId: message.id }))).toBe('MESSAGE_NOT_FOUND');
      expect(await refusal(receipts(person, group))).toBe('CONVERSATION_NOT_FOUND');
    }
  });

  it('is listed page by page', async () => {
    const group = await openGroup(alice, [bob, carol]);
    await sendMany(alice, group, 1);
    await mark(bob, group, { readSeq: 1 });
    const first = await receipts(carol, group, { limit: 2 });
    const second = await receipts(carol, group, { limit: 2, cursor: first.nextCursor });
    expect(second.nextCursor).toBeNull();
    expect([...first.items, ...second.items]).toEqual(
      [alice, bob, carol]
        .map(({ id }) => id)
        .toSorted()
        .map((userId) => ({ userId, deliveredSeq: userId === carol.id ? 0 : 1, readSeq: userId === carol.id ? 0 : 1 })),
    );
    expect(await refusal(receipts(carol, group, { cursor: 'x' }))).toBe('CURSOR_INVALID');
  });

  it('is kept from others by whoever wishes so', async () => {
    const shy = await app.person('shy');
    const group = await openGroup(alice, [shy]);
    const message = await send(alice, group, 'x');
    await shy.call('preferences.put', { readReceipts: false });
    app.told.length = 0;
    await mark(shy, group, { readSeq: 1 });
    const items = app.told
      .filter(({ event }) => event === 'receipt:updated')
      .map(({ to, payload }) => [to['kind'], payload['items'][0].readSeq]);
    expect(items).toEqual([
      ['watchers', 0],
      ['devices', 1],
    ]);
    const find = async (person: Caller) => (await receipts(person, group)).items.find((item: Payload) => item.userId === shy.id).readSeq;
    expect([await find(alice), await find(shy)]).toEqual([0, 1]);
    expect((await alice.call('messages.readers', { messageId: message.id })).readBy).toEqual([]);
    const members = (await alice.call('members.list', { conversationId: group.id })).items;
    expect(members.find((member: Payload) => member.userId === shy.id).readSeq).toBe(0);
    const synced = (await alice.call('sync.conversations', { conversations: { [group.id]: {} } })).conversations[0];
    for (const list of [synced.receipts, synced.members]) expect(list.find((item: Payload) => item.userId === shy.id).readSeq).toBe(0);
  });
});

it('what was kept from others is news to them once it is not any more', async () => {
  const [shy, other] = [await app.person('shy'), await app.person('other')];
  const group = await openGroup(alice, [shy, other]);
  await send(alice, group, 'x');
  await shy.call('preferences.put', { readReceipts: false });
  await mark(shy, group, { readSeq: 1 });
  await other.call('blocks.put', { userId: shy.id });
  const sync = async (person: Caller, held = {}) =>
    (await person.call('sync.conversations', { conversations: { [group.id]: held } })).conversations[0];
  const { version, receiptsVersion } = await sync(alice);
  app.told.length = 0;
  await shy.call('preferences.put', { readReceipts: true });
  const next = await sync(alice, { version, receiptsVersion });
  expect(next).toMatchObject({ receiptsVersion: receiptsVersion + 1, receipts: [{ userId: shy.id, readSeq: 1, deliveredSeq: 1 }] });
  expect((await sync(other, { version, receiptsVersion })).receipts).toMatchObject([{ userId: shy.id, readSeq: 0, deliveredSeq: 0 }]);
  expect(app.told.filter(({ event }) => event === 'receipt:updated')).toMatchObject([
    {
      to: { kind: 'watchers', except: [other.id] },
      payload: { receiptsVersion: receiptsVersion + 1, items: [{ userId: shy.id, readSeq: 1 }] },
    },
  ]);
  app.told.length = 0;
  await shy.call('preferences.put', { readReceipts: true, theme: 'dark' });
  expect(app.told.filter(({ event }) => event === 'receipt:updated')).toEqual([]);
});

it('sync answers the marks that moved since', async () => {
  const group = await openGroup(alice, [bob, carol]);
  await sendMany(alice, group, 2);
  const sync = async (held: Record<string, number>) =>
    (await bob.call('sync.conversations', { conversations: { [group.id]: held } })).conversations[0];
  const first = await sync({});
  expect(first.receipts.map((item: Payload) => item.userId).toSorted()).toEqual([alice.id, bob.id, carol.id].toSorted());
  const { version, receiptsVersion } = first;
  expect((await sync({ version, receiptsVersion })).receipts).toEqual([]);
  await mark(carol, group, { readSeq: 2 });
  const next = await sync({ version, receiptsVersion });
  expect(next).toMatchObject({ receiptsVersion: receiptsVersion + 1, receipts: [{ userId: carol.id, readSeq: 2, deliveredSeq: 2 }] });
  expect((await sync({ version, receiptsVersion: 1_000_000 })).receipts).toHaveLength(3);
});

it('unread is what the definition counts, whatever happened', async () => {
  const people = [alice, bob, carol];
  const who = fc.integer({ min: 0, max: 2 });
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('send' as const), who, thread: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('burst' as const), who, other: who, count: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('read' as const), who, share: fc.double({ min: 0, max: 1.2, noNaN: true }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('unread' as const), who, share: fc.double({ min: 0, max: 1, noNaN: true }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), who, share: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const group = await openGroup(alice, [bob, carol]);
      const sent: Payload[] = [];
      const root = await send(alice, group, 'root');
      sent.push(root);
      for (const one of steps) {
        const person = people[one.who] as Caller;
        const at = 'share' in one ? Math.ceil(one.share * sent.length) : 0;
        if (one.do === 'send') sent.push(await send(person, group, 'x', one.thread ? { threadRootId: root.id } : {}));
        else if (one.do === 'burst') {
          const senders = Array.from({ length: one.count * 2 }, (_, index) => (index % 2 ? people[one.other] : person) as Caller);
          sent.push(...(await Promise.all(senders.map((each) => send(each, group, 'x')))));
        } else if (one.do === 'read') await mark(person, group, { readSeq: at });
        else if (one.do === 'unread' && at > 0) await person.call('membership.markUnread', { conversationId: group.id, fromSeq: at });
        else if (one.do === 'delete' && at > 1) await alice.call('messages.delete', { messageId: sent.find(({ seq }) => seq === at).id });
      }
      for (const person of people) {
        const [row] = await app.sql(
          `select count(x.seq)::int as unread from member m left join message x on x.conversation_id = m.conversation_id
             and x.seq > coalesce(m.unread_from_seq - 1, m.read_seq) and x.sender_id <> m.user_id and x.type <> 'system' and x.thread_root_seq is null
           where m.conversation_id = $1 and m.user_id = $2`,
          [group.id, person.id],
        );
        expect((await own(person, group)).unread.messages).toBe(row.unread);
      }
    }),
    { numRuns: app.engine === 'PostgreSQL' ? 40 : 10 },
  );
}, 120_000);
