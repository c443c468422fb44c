import type { AccountId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { exportOf, header, importInto, type Line, time } from './exchange.ts';

let app: TestApp;
let account: AccountId;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  account = await app.account();
  await app.settled();
  app.told.length = 0;
});

const person = (name: string, more: Line = {}): Line => ({ type: 'user', id: `u-${name}`, username: name, ...more });
const group = (title: string, createdBy: string): Line => ({
  type: 'conversation',
  id: `c-${title}`,
  kind: 'group',
  title,
  createdBy: `u-${createdBy}`,
  createdAt: time(0),
});
const member = (title: string, name: string, more: Line = {}): Line => ({
  type: 'member',
  conversation: `c-${title}`,
  user: `u-${name}`,
  ...more,
});
const message = (title: string, id: string, author: string, minute: number, more: Line = {}): Line => ({
  type: 'message',
  id,
  conversation: `c-${title}`,
  author: `u-${author}`,
  createdAt: time(minute),
  text: `text of ${id}`,
  ...more,
});
const people = [person('ann', { email: 'ann@example.com', emailVerified: true }), person('ben'), person('cem', { displayName: 'Cem' })];
const lounge = [group('lounge', 'ann'), member('lounge', 'ann', { role: 'owner' }), member('lounge', 'ben'), member('lounge', 'cem')];

/** Whom an import made, as callers. */
async function callers(): Promise<Record<string, ReturnType<TestApp['as']>>> {
  const { lines } = await exportOf(app, account);
  const users = lines.filter(({ type }) => type === 'user');
  return Object.fromEntries(users.map(({ username, id }) => [username, app.as(id, account)]));
}
const conversationsOf = async (caller: ReturnType<TestApp['as']> | undefined): Promise<Payload[]> =>
  (await caller?.call('conversations.list', { limit: 100 }))?.items;
const history = async (caller: ReturnType<TestApp['as']> | undefined, conversationId: string): Promise<Payload[]> =>
  (await caller?.call('messages.list', { conversationId, limit: 100 }))?.items;
const bySeq = (items: readonly Payload[]) => items.toSorted((a, b) => a.seq - b.seq);

describe('an import', () => {
  it('stores messages in order, with their times, authors and relations', async () => {
    const report = await importInto(app, account, [
      header,
      ...people,
      ...lounge,
      message('lounge', '1', 'ann', 1),
      message('lounge', '2', 'ben', 2, { replyTo: '1', mentions: ['u-ann'] }),
      message('lounge', '3', 'cem', 3, { thread: '1' }),
      message('lounge', '4', 'ann', 4, { thread: '1', editedAt: time(9) }),
      message('lounge', '5', 'ben', 5, { deletedAt: time(6) }),
      message('lounge', '6', 'cem', 6, { replyTo: 'lost', pinnedAt: time(7), pinnedBy: 'u-ann' }),
      { type: 'reaction', conversation: 'c-lounge', message: '1', user: 'u-ben', emoji: '👍', createdAt: time(3) },
      { type: 'reaction', conversation: 'c-lounge', message: '1', user: 'u-cem', emoji: '👍' },
    ]);
    expect(report).toMatchObject({ people: 3, conversations: 1, members: 3, messages: 6, reactions: 2, opened: 1, faults: [] });
    const { ann, ben } = await callers();
    const [conversation] = await conversationsOf(ann);
    expect(conversation).toMatchObject({ title: 'lounge', memberCount: 3, lastSeq: 6, unread: { messages: 0 }, createdAt: time(0) });
    const items = bySeq(await history(ben, conversation?.id));
    expect(items.map(({ seq, version, createdAt }) => [seq, version, createdAt])).toEqual(
      // The reactions gave the first message another version; those who were let in have the one after it.
      [1, 2, 3, 4, 5, 6].map((seq) => [seq, seq === 1 ? 8 : seq + 1, time(seq)]),
    );
    expect(conversation?.version).toBe(9);
    expect(items[0]).toMatchObject({ content: 'text of 1', senderId: ann?.id });
    expect(await ben?.call('threads.get', { messageId: items[0]?.id })).toMatchObject({ replyCount: 2, lastReplySeq: 4 });
    expect(items[0]?.reactions).toEqual([{ emoji: '👍', count: 2, mine: true }]);
    expect(items[1]).toMatchObject({ replyTo: { id: items[0]?.id }, mentions: [ann?.id] });
    expect(items[3]).toMatchObject({ threadRootId: items[0]?.id, editedAt: time(9) });
    expect(items[4]).toMatchObject({ deletedAt: time(6) });
    expect(items[4]?.content).toBeUndefined();
    expect(items[5]).toMatchObject({ pinned: true });
    expect(items[5]?.replyTo).toBeUndefined();
  });

  it('counts everything as read, except where a receipt says less', async () => {
    await importInto(app, account, [
      header,
      ...people,
      ...lounge,
      ...[1, 2, 3, 4, 5, 6].map((at) => message('lounge', String(at), at % 2 === 0 ? 'ben' : 'ann', at)),
      { type: 'receipt', conversation: 'c-lounge', user: 'u-ben', read: '2' },
      { type: 'receipt', conversation: 'c-lounge', user: 'u-cem', read: null },
    ]);
    const { ann, ben, cem } = await callers();
    const unread = async (caller: typeof ann) => (await conversationsOf(caller))[0]?.unread.messages;
    // Of four after the second, two are ben's own.
    expect([await unread(ann), await unread(ben), await unread(cem)]).toEqual([0, 2, 6]);
    const [conversation] = await conversationsOf(ann);
    const send = (caller: typeof ann) =>
      caller?.call('messages.send', { conversationId: conversation?.id, content: 'now', clientMessageId: crypto.randomUUID() });
    expect(await send(ann)).toMatchObject({ seq: 7 });
    expect([await unread(ann), await unread(ben), await unread(cem)]).toEqual([0, 3, 7]);
    await ben?.call('receipts.mark', { items: [{ conversationId: conversation?.id, readSeq: 5 }] });
    expect(await unread(ben)).toBe(1);
  });

  it('stores nothing twice, and goes on where it was cut off', async () => {
    const lines = [
      header,
      ...people,
      ...lounge,
      ...[1, 2, 3, 4].map((at) => message('lounge', String(at), 'ann', at)),
      { type: 'reaction', conversation: 'c-lounge', message: '2', user: 'u-ben', emoji: '👍' },
    ];
    expect(await importInto(app, account, lines.slice(0, 10))).toMatchObject({ messages: 2, faults: [] });
    const before = await exportOf(app, account);
    expect(await importInto(app, account, lines.slice(0, 10))).toMatchObject({
      people: 0,
      peopleThere: 3,
      messages: 0,
      messagesThere: 2,
      members: 0,
      opened: 0,
    });
    expect((await exportOf(app, account)).lines.slice(1)).toEqual(before.lines.slice(1));
    expect(await importInto(app, account, lines)).toMatchObject({ messages: 2, messagesThere: 2, reactions: 1, faults: [] });
    expect(await importInto(app, account, lines)).toMatchObject({ messages: 0, messagesThere: 4, reactions: 0, faults: [] });
    const { ann } = await callers();
    const [conversation] = await conversationsOf(ann);
    expect(bySeq(await history(ann, conversation?.id)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  it('ends at the first line that is wrong, with what stands before it, and lets nobody in', async () => {
    const lines = [
      header,
      ...people,
      ...lounge,
      message('lounge', '1', 'ann', 1),
      message('lounge', '2', 'nobody', 2),
      message('lounge', '3', 'ann', 3),
    ];
    const report = await importInto(app, account, lines);
    expect(report.faults).toEqual([{ line: 10, error: 'no line before describes the user "u-nobody"' }]);
    expect(report.opened).toBe(0);
    const corrected = lines.with(9, message('lounge', '2', 'ben', 2));
    expect(await importInto(app, account, corrected)).toMatchObject({ faults: [], opened: 1 });
    const { ann } = await callers();
    expect((await conversationsOf(ann)).map(({ lastSeq }) => lastSeq)).toEqual([3]);
  });

  it.each<[string, Line | string, RegExp]>([
    ['no JSON', '{"type":"message"', /is not JSON/],
    ['an unknown kind of line', { type: 'poll', id: '1' }, /./],
    ['an unknown field', { ...person('dee'), shoeSize: 38 }, /shoeSize/],
    ['a text that is no text', message('lounge', '9', 'ann', 9, { text: '' }), /text/],
    ['a path that leads out', { type: 'attachment', id: 'a', owner: 'u-ann', name: 'a', file: 'files/../../passwd' }, /files/],
    ['a taken name', person('ANN', { id: 'other' }), /taken/],
    ['a hash of another kind', person('dee', { passwordHash: 'md5:1234' }), /hash/],
    ['a message that is older than the one before', message('lounge', '9', 'ann', 0), /older/],
    ['a conversation nobody described', message('attic', '9', 'ann', 9), /c-attic/],
  ])('names the line of %s', async (_what, line, why) => {
    const report = await importInto(app, account, [header, ...people, ...lounge, message('lounge', '1', 'ann', 1), '', line]);
    expect(report.faults).toEqual([{ line: 11, error: expect.stringMatching(why) }]);
  });

  it('asks for the header of its format', async () => {
    for (const first of [person('ann'), { ...header, version: 2 }, 'PK\u0003'])
      expect(await importInto(app, account, [first, ...people])).toMatchObject({ people: 0, faults: [{ line: 1 }] });
    expect(await importInto(app, account, [])).toMatchObject({ faults: [{ line: 1 }] });
  });

  it('says of a dry run every fault, and stores nothing', async () => {
    const lines = [
      header,
      ...people,
      message('lounge', '1', 'ann', 1),
      ...lounge,
      message('lounge', '1', 'ann', 1),
      'x',
      message('lounge', '2', 'ann', 0),
    ];
    const report = await importInto(app, account, lines, { dryRun: true });
    expect(report).toMatchObject({ people: 3, conversations: 1, messages: 1 });
    expect(report.faults.map(({ line }) => line)).toEqual([5, 11, 12]);
    expect((await exportOf(app, account)).lines).toHaveLength(1);
  });

  it('tells those who are connected of the conversation, and notifies nobody', async () => {
    await importInto(app, account, [
      header,
      ...people,
      ...lounge,
      message('lounge', '1', 'ann', 1, { mentionAll: true, mentions: ['u-ben'] }),
    ]);
    await app.settled();
    const { ann, ben, cem } = await callers();
    expect(app.told.map(({ event, to }) => [event, to['userId']]).toSorted()).toEqual(
      [ann, ben, cem].map((caller) => ['conversation:new', caller?.id]).toSorted(),
    );
    expect((await ben?.call('notifications.list', {}))?.items).toEqual([]);
    const found = await ben?.call('messages.search', { q: 'text of' });
    expect(found?.items).toHaveLength(1);
  });

  it('keeps direct conversations, and finds people who are there already', async () => {
    const there = await app.person('dan', account);
    const { username: dan } = (await exportOf(app, account)).lines.find(({ displayName }) => displayName === 'dan') ?? {};
    const taken = await importInto(app, account, [header, person(dan, { email: 'another@example.com' })]);
    expect(taken.faults).toMatchObject([{ line: 2, error: expect.stringContaining('taken') }]);
    expect(await importInto(app, account, [header, person(dan, { email: `${dan}@example.com` })])).toMatchObject({
      people: 0,
      peopleThere: 1,
    });
    await importInto(app, account, [
      header,
      ...people,
      { type: 'conversation', id: 'd', kind: 'direct', people: ['u-ann', 'u-ben'], createdAt: time(0) },
      { ...message('x', '1', 'ann', 1), conversation: 'd' },
    ]);
    const { ann, ben } = await callers();
    expect(await conversationsOf(ann)).toMatchObject([{ type: 'direct', peer: { username: 'ben' }, lastSeq: 1 }]);
    expect(await conversationsOf(there)).toEqual([]);
    const opened = await ben?.call('conversations.create', { type: 'direct', userId: ann?.id });
    expect(opened).toMatchObject({ lastSeq: 1 });
    // From another system, under another id: there is one direct conversation of two people.
    const again = await importInto(app, account, [
      header,
      ...people,
      { type: 'conversation', id: 'other', kind: 'direct', people: ['u-ben', 'u-ann'], createdAt: time(0) },
      { ...message('x', '1', 'ben', 5), conversation: 'other' },
    ]);
    expect(again).toMatchObject({ conversations: 0, conversationsThere: 1, messages: 1 });
    expect(await conversationsOf(ann)).toMatchObject([{ lastSeq: 2, unread: { messages: 1 } }]);
  });

  it('makes somebody the owner of a group that names none', async () => {
    await importInto(app, account, [
      header,
      ...people,
      group('attic', 'ann'),
      member('attic', 'ben'),
      member('attic', 'cem', { role: 'admin' }),
    ]);
    const { cem } = await callers();
    const [conversation] = await conversationsOf(cem);
    const { items } = (await cem?.call('members.list', { conversationId: conversation?.id })) ?? {};
    expect(items.map(({ user, role }: Payload) => [user.username, role]).toSorted()).toEqual([
      ['ben', 'member'],
      ['cem', 'owner'],
    ]);
  });
});

describe('accounts', () => {
  it('are imported and exported apart, also with the same ids', async () => {
    const other = await app.account();
    const lines = [header, ...people, ...lounge, message('lounge', '1', 'ann', 1)];
    await importInto(app, account, lines);
    const before = await exportOf(app, account);
    expect((await exportOf(app, other)).lines).toHaveLength(1);
    await importInto(app, other, [...lines, message('lounge', '2', 'ben', 2)]);
    expect((await exportOf(app, account)).lines.slice(1)).toEqual(before.lines.slice(1));
    const ids = (given: Awaited<ReturnType<typeof exportOf>>) => given.lines.flatMap(({ id }) => id ?? []);
    const mine = new Set(ids(before));
    expect(ids(await exportOf(app, other)).filter((id) => mine.has(id))).toEqual([]);
  });
});
