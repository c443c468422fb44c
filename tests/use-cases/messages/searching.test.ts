import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openDirect, openGroup, refusal, send } from '../calls.ts';

/** What search promises, on any database. */
let app: TestApp;
let alice: Caller;
let bob: Caller;
let carol: Caller;
beforeAll(async () => {
  app = await openTestApp();
  [alice, bob, carol] = [await app.person('alice'), await app.person('bob'), await app.person('carol')];
});
afterAll(() => app.close());

const search = async (who: Caller, q: string, more: Record<string, unknown> = {}): Promise<Payload[]> =>
  (await who.call('messages.search', { q, ...more })).items;
const texts = async (...args: Parameters<typeof search>): Promise<string[]> => (await search(...args)).map(({ content }) => content);

it('finds parts of words, in any case and script, newest first, with highlights', async () => {
  const group = await openGroup(alice, [bob]);
  for (const content of ['Une première RÉUNION', 'reunions are long', '東京都の天気', 'nothing of that kind'])
    await send(alice, group, content);
  await app.settled();
  expect(await texts(bob, 'reunion')).toEqual(['reunions are long', 'Une première RÉUNION']);
  expect(await texts(bob, '京都')).toEqual(['東京都の天気']);
  const [found] = await search(bob, 'emièr reun');
  expect(found).toMatchObject({
    content: 'Une première RÉUNION',
    conversationId: group.id,
    senderId: alice.id,
    highlights: [
      { start: 6, length: 5 },
      { start: 13, length: 4 },
    ],
  });
  expect(await search(bob, 'unheard')).toEqual([]);
});

it('makes no difference by case, accents, strokes, vowel points and stretching, and marks what it found in the text as written', async () => {
  const group = await openGroup(alice, [bob]);
  const within = { conversationId: group.id };
  for (const [content, q, marked] of [
    ['Die STRASSE ist lang', 'straße', 'STRASSE'],
    ['eine Straße', 'STRASSE', 'Straße'],
    ['ISPARTA ve ılıca', 'ILICA', 'ılıca'],
    ['Łódź i Đà Nẵng', 'lodz', 'Łódź'],
    ['smørrebrød på Ærø', 'smorrebrod aero', 'smørrebrød'],
    ['שָׁלוֹם לכולם', 'שלום', 'שָׁלוֹם'],
    ['قال مُحَمَّد', 'محمد', 'مُحَمَّد'],
    ['مـــرحبا بكم', 'مرحبا', 'مـــرحبا'],
    ['he can’t', "can't", 'can’t'],
  ] as const) {
    const { id } = await send(alice, group, content);
    await app.settled();
    const [found] = await search(bob, q, within);
    const { start, length } = found?.['highlights'][0] ?? {};
    expect([q, found?.['id'], [...content].slice(start, start + length).join('')]).toEqual([q, id, marked]);
  }
});

it('takes signs literally', async () => {
  const group = await openGroup(alice, [bob]);
  for (const content of ['now at 100%', 'now at 1000', 'a snake_case', 'a snakeXcase', String.raw`C:\temp`, "it's o'clock & so"])
    await send(alice, group, content);
  await app.settled();
  const within = { conversationId: group.id };
  expect(await texts(alice, '100%', within)).toEqual(['now at 100%']);
  expect(await texts(alice, 'snake_case', within)).toEqual(['a snake_case']);
  expect(await texts(alice, String.raw`c:\temp`, within)).toEqual([String.raw`C:\temp`]);
  expect(await texts(alice, "o'clock &", within)).toEqual(["it's o'clock & so"]);
  expect(await texts(alice, "' | 'x':* clock", within)).toEqual([]);
});

it.each([
  ['one letter', { q: 'a' }],
  ['nothing', { q: '' }],
  ['a percent sign', { q: '%' }],
  ['an underscore', { q: '_' }],
  ['a backslash', { q: '\\' }],
  ['10 KB', { q: 'x'.repeat(10_240) }],
  ['a NUL', { q: 'ab\u0000' }],
  ['a page of a billion', { q: 'hello', limit: 1e9 }],
  ['an unknown key', { q: 'hello', account: 'x' }],
  ['half a filter', { q: 'hello', has: 'everything' }],
  ['a time that is none', { q: 'hello', before: 'yesterday' }],
  ['a time of the year 0', { q: 'hello', after: '0000-01-01T00:00:00.000Z' }],
])('refuses %s', async (_, input) => {
  expect(await refusal(alice.call('messages.search', input))).toBe('VALIDATION_FAILED');
});

it('refuses a cursor of another list', async () => {
  await openGroup(alice, []);
  await openGroup(alice, []);
  const { nextCursor } = await alice.call('conversations.list', { limit: 1 });
  expect(await refusal(alice.call('messages.search', { q: 'hello', cursor: nextCursor }))).toBe('CURSOR_INVALID');
  expect(await refusal(alice.call('messages.search', { q: 'hello', cursor: 'x' }))).toBe('CURSOR_INVALID');
});

it('filters by conversation, sender, time, and what a message has', async () => {
  const [one, other] = [await openGroup(alice, [bob]), await openGroup(alice, [bob])];
  const first = await send(alice, one, 'filtered one');
  const second = await send(bob, one, 'filtered two https://example.com');
  const third = await send(alice, other, 'filtered three', { mentions: [bob.id] });
  await app.settled();
  expect(await texts(alice, 'filtered', { conversationId: one.id })).toEqual([second.content, first.content]);
  expect(await texts(alice, 'filtered', { from: bob.id })).toEqual([second.content]);
  expect(await texts(alice, 'filtered', { has: 'link' })).toEqual([second.content]);
  expect(await texts(alice, 'filtered', { has: 'mention' })).toEqual([third.content]);
  expect(await texts(alice, 'filtered', { has: 'image' })).toEqual([]);
  const times = { after: first.createdAt, before: new Date(Date.parse(third.createdAt) + 1).toISOString() };
  const between = [first, second, third].filter(({ createdAt }) => createdAt > times.after && createdAt < times.before);
  expect(await texts(alice, 'filtered', times)).toEqual(between.toReversed().map(({ content }) => content));
  expect(await texts(alice, 'filtered', { before: first.createdAt })).toEqual([]);
});

it('pages by keyset without holes and repeats, over conversations and within one', async () => {
  const groups = [await openGroup(alice, []), await openGroup(alice, [])];
  for (let index = 0; index < 11; index += 1) await send(alice, groups[index % 2], `paged ${index}`);
  await app.settled();
  for (const within of [{}, { conversationId: groups[0].id }]) {
    const whole = await texts(alice, 'paged', within);
    expect(whole).toHaveLength('conversationId' in within ? 6 : 11);
    const paged: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await alice.call('messages.search', { q: 'paged', limit: 2, ...within, ...(cursor === undefined ? {} : { cursor }) });
      paged.push(...page.items.map(({ content }: Payload) => content));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(whole);
  }
});

it('finds what lies behind hundreds of others', async () => {
  const group = await openGroup(alice, [bob]);
  for (const content of ['antiquated one', 'antiquated two']) await send(alice, group, content);
  for (let index = 0; index < 260; index += 1) await send(bob, group, `newfangled ${index}`);
  await app.settled();
  for (const within of [{}, { conversationId: group.id }]) {
    expect(await texts(alice, 'antiquated', within)).toEqual(['antiquated two', 'antiquated one']);
    const { items, nextCursor } = await alice.call('messages.search', { q: 'antiquated', limit: 1, ...within });
    expect(items.map(({ content }: Payload) => content)).toEqual(['antiquated two']);
    expect(await texts(alice, 'antiquated', { ...within, cursor: nextCursor })).toEqual(['antiquated one']);
  }
  expect(await texts(carol, 'antiquated')).toEqual([]);
});

it('shows nothing to outsiders, nor to those who were removed', async () => {
  const group = await openGroup(alice, [bob]);
  await send(alice, group, 'among ourselves');
  await app.settled();
  expect(await texts(bob, 'ourselves')).toEqual(['among ourselves']);
  expect(await texts(carol, 'ourselves')).toEqual([]);
  expect(await refusal(search(carol, 'ourselves', { conversationId: group.id }))).toBe('CONVERSATION_NOT_FOUND');
  await alice.call('members.remove', { conversationId: group.id, userId: bob.id });
  expect(await texts(bob, 'ourselves')).toEqual([]);
  expect(await refusal(search(bob, 'ourselves', { conversationId: group.id }))).toBe('CONVERSATION_NOT_FOUND');
});

it('shows nothing of before one joined, where history begins there', async () => {
  const group = await openGroup(alice, [], { settings: { history: 'joined' } });
  await send(alice, group, 'joined too late');
  await alice.call('members.add', { conversationId: group.id, userIds: [bob.id] });
  await send(alice, group, 'joined in time');
  await app.settled();
  expect(await texts(bob, 'joined', { conversationId: group.id })).toEqual(['joined in time']);
  expect(await texts(alice, 'joined', { conversationId: group.id })).toHaveLength(2);
});

it('leaves out what the viewer hid, and only for them', async () => {
  const group = await openGroup(alice, [bob]);
  const message = await send(alice, group, 'hideous');
  await app.settled();
  await bob.call('messages.delete', { messageId: message.id, for: 'me' });
  expect(await texts(bob, 'hideous')).toEqual([]);
  expect(await texts(alice, 'hideous')).toEqual(['hideous']);
});

it('shows nothing of what the viewer hid in replies to it', async () => {
  const group = await openGroup(alice, [bob]);
  const message = await send(alice, group, 'hidden from bob');
  await send(alice, group, 'answering myself', { replyToId: message.id });
  await bob.call('messages.delete', { messageId: message.id, for: 'me' });
  await app.settled();
  const previews = await Promise.all([alice, bob].map(async (who) => (await search(who, 'answering'))[0].replyTo.content));
  expect(previews).toEqual(['hidden from bob', undefined]);
});

it('leaves out what people wrote with whom there is a block, in either direction', async () => {
  const [dan, erin] = [await app.person('dan'), await app.person('erin')];
  const group = await openGroup(alice, [dan, erin]);
  await send(dan, group, 'blockade of dan');
  await send(erin, group, 'blockade of erin');
  await app.settled();
  await dan.call('blocks.put', { userId: erin.id });
  expect(await texts(dan, 'blockade')).toEqual(['blockade of dan']);
  expect(await texts(erin, 'blockade')).toEqual(['blockade of erin']);
  expect(await texts(alice, 'blockade')).toHaveLength(2);
});

it('forgets what a message said before, at once, and finds what it says now', async () => {
  const direct = await openDirect(alice, bob);
  const message = await send(alice, direct, 'formerly thus');
  await app.settled();
  await alice.call('messages.edit', { messageId: message.id, content: 'henceforth so' });
  expect(await texts(bob, 'formerly')).toEqual([]);
  await app.settled();
  expect(await texts(bob, 'henceforth')).toEqual(['henceforth so']);
  await alice.call('messages.delete', { messageId: message.id, for: 'everyone' });
  expect(await texts(bob, 'henceforth')).toEqual([]);
  expect(await app.sql('select seq from message_search where conversation_id = $1', [direct.id])).toEqual([]);
});

it('does not bring a deleted message back when its posting is told late', async () => {
  const group = await openGroup(alice, [bob]);
  const message = await send(alice, group, 'belated');
  await alice.call('messages.delete', { messageId: message.id, for: 'everyone' });
  await app.settled();
  expect(await texts(bob, 'belated')).toEqual([]);
  expect(await app.sql('select seq from message_search where conversation_id = $1', [group.id])).toEqual([]);
});

it('tells one account nothing of another', async () => {
  const other = await app.account();
  const [mallory, trent] = [await app.person('mallory', other), await app.person('trent', other)];
  const group = await openGroup(mallory, [trent]);
  await send(mallory, group, 'canary of the other account');
  await app.settled();
  expect(await texts(trent, 'canary')).toEqual(['canary of the other account']);
  for (const more of [{}, { from: mallory.id }]) expect(await texts(alice, 'canary', more)).toEqual([]);
  expect(await refusal(search(alice, 'canary', { conversationId: group.id }))).toBe('CONVERSATION_NOT_FOUND');
  // Nor when the account asked for is not the transaction's, which is the default account's here.
  const call = `select * from search_messages($1, $2, 'can'::tsquery, '{}', null, null, null, null, null, null, 10)`;
  expect(await app.sql(call, [other, trent.id])).toEqual([]);
});
