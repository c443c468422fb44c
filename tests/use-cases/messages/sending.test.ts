import { messageStored } from '@coucou/application/messages/message-hooks';
import { randomUUID } from 'node:crypto';
import { hook } from '@coucou/application/kernel/hook';
import { operatorCall } from '@coucou/application/accounts/operator-call';
import { putWord } from '@coucou/application/moderation/administer-words';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openDirect, openGroup, refusal, send } from '../calls.ts';

/** What sending promises. */

/** What passed the hooks. */
const screened: string[] = [];
/** What happens between a message's being looked into and its being stored. */
let meanwhile = async (): Promise<unknown> => undefined;
const screen = hook({
  name: 'tests.screen',
  at: messageStored,
  deps: {},
  async run(_ports, message) {
    screened.push(message.id);
    await meanwhile();
    return message;
  },
});
let app: TestApp;
let alice: Caller;
let bob: Caller;
let carol: Caller;
beforeAll(async () => {
  app = await openTestApp({ features: [{ name: 'tests', operations: [], hooks: [screen] }] });
  [alice, bob, carol] = await Promise.all([app.person('alice'), app.person('bob'), app.person('carol')]);
});
afterAll(() => app.close());

describe('a reply', () => {
  it('shows the message replied to as it is', async () => {
    const group = await openGroup(alice, [bob]);
    const first = await send(alice, group, 'shall we?');
    const reply = await send(bob, group, 'yes', { replyToId: first.id });
    expect(reply).toMatchObject({ replyToId: first.id, replyTo: { seq: 1, content: 'shall we?', senderId: alice.id } });
    const { items } = await alice.call('messages.list', { conversationId: group.id });
    expect(items[1]).toEqual(reply);
  });

  it('refuses a message of another conversation, and one that does not exist', async () => {
    const [group, other] = [await openGroup(alice, [bob]), await openGroup(alice, [bob])];
    const elsewhere = await send(alice, other, 'there');
    expect(await refusal(send(bob, group, 'x', { replyToId: elsewhere.id }))).toBe('MESSAGE_NOT_FOUND');
    expect(await refusal(send(bob, group, 'x', { replyToId: randomUUID() }))).toBe('MESSAGE_NOT_FOUND');
  });

  it('refuses a message from before one joined, where history begins with joining', async () => {
    const group = await openGroup(alice, [bob], { settings: { history: 'joined' } });
    const early = await send(alice, group, 'early');
    await alice.call('members.add', { conversationId: group.id, userIds: [carol.id] });
    expect(await refusal(send(carol, group, 'x', { replyToId: early.id }))).toBe('MESSAGE_NOT_FOUND');
    await send(bob, group, 'to that', { replyToId: early.id });
    const { items } = await carol.call('messages.list', { conversationId: group.id });
    expect(items.map((message: Payload) => [message.seq, message.replyTo?.content])).toEqual([[2, undefined]]);
  });

  it('shows nothing from before one joined, even while it is being sent', async () => {
    const group = await openGroup(alice, [bob], { settings: { history: 'joined' } });
    const early = await send(alice, group, 'early');
    app.told.length = 0;
    meanwhile = () => alice.call('members.add', { conversationId: group.id, userIds: [carol.id] });
    try {
      expect(await send(bob, group, 'to that', { replyToId: early.id })).toMatchObject({ replyTo: { content: 'early' } });
    } finally {
      meanwhile = async () => undefined;
    }
    const told = app.told.filter(({ event }) => event === 'message:new').map(({ payload }) => payload['message']);
    expect(told.map(({ replyToId, replyTo }) => [replyToId, replyTo.seq, replyTo.content])).toEqual([[early.id, 1, undefined]]);
  });
});

describe('a thread', () => {
  it('takes replies that do not count as unread', async () => {
    const group = await openGroup(alice, [bob]);
    const root = await send(alice, group, 'root');
    expect(await send(alice, group, 'reply', { threadRootId: root.id })).toMatchObject({ threadRootId: root.id, seq: 2 });
    expect((await bob.call('conversations.get', { conversationId: group.id })).unread.messages).toBe(1);
  });

  it('does not begin with a reply of a thread', async () => {
    const group = await openGroup(alice, [bob]);
    const root = await send(alice, group, 'root');
    const reply = await send(bob, group, 'reply', { threadRootId: root.id });
    expect(await refusal(send(bob, group, 'x', { threadRootId: reply.id }))).toBe('VALIDATION_FAILED');
    expect(await refusal(send(bob, group, 'x', { threadRootId: randomUUID() }))).toBe('MESSAGE_NOT_FOUND');
  });
});

describe('a mention', () => {
  it('is of members only', async () => {
    const group = await openGroup(alice, [bob]);
    expect(await send(alice, group, 'hey', { mentions: [bob.id] })).toMatchObject({ mentions: [bob.id] });
    expect(await refusal(send(alice, group, 'hey', { mentions: [bob.id, carol.id] }))).toBe('MENTION_INVALID');
  });

  it('of everyone takes the permission', async () => {
    const group = await openGroup(alice, [bob]);
    expect(await send(alice, group, 'hey', { mentions: ['@all', bob.id] })).toMatchObject({ mentions: [bob.id, '@all'] });
    expect(await refusal(send(bob, group, 'hey', { mentions: ['@all'] }))).toBe('MENTION_INVALID');
  });
});

it("refuses another person's attachment like one that does not exist, and takes one's own", async () => {
  const group = await openGroup(alice, [bob]);
  const attachment = await app.attachment(alice);
  expect(await refusal(send(bob, group, 'x', { attachmentIds: [attachment] }))).toBe('ATTACHMENT_NOT_FOUND');
  expect(await refusal(send(bob, group, 'x', { attachmentIds: [randomUUID()] }))).toBe('ATTACHMENT_NOT_FOUND');
  const sent = await alice.call('messages.send', { conversationId: group.id, type: 'image', attachmentIds: [attachment] });
  const shown = { id: attachment, name: 'a.png', type: 'image/png', size: 3, hasThumbnail: false };
  expect(sent.attachments).toEqual([{ ...shown, url: expect.any(String), urlExpiresAt: expect.any(String) }]);
  expect(await refusal(alice.call('messages.send', { conversationId: group.id, type: 'image' }))).toBe('VALIDATION_FAILED');
});

describe('a first message to somebody', () => {
  let erin: Caller;
  let frank: Caller;
  beforeEach(async () => {
    const account = await app.account();
    [erin, frank] = [await app.person('erin', account), await app.person('frank', account)];
    app.told.length = 0;
  });
  const first = (from: Caller, to: Caller, more: Record<string, unknown> = {}) =>
    from.call('messages.send', { toUserId: to.id, content: 'hello', ...more });
  const listed = async () =>
    (await Promise.all([erin, frank].map((who) => who.call('conversations.list')))).flatMap(({ items }) =>
      items.map(({ id }: Payload) => id),
    );

  it('may mention both, and nobody else', async () => {
    const mentions = [frank.id, erin.id, '@all'];
    expect(await refusal(first(erin, frank, { mentions: [...mentions, alice.id] }))).toBe('MENTION_INVALID');
    const sent = await first(erin, frank, { mentions });
    expect(sent).toMatchObject({ seq: 1, mentions });
    expect(await frank.call('messages.get', { messageId: sent.id })).toMatchObject({ mentions });
  });

  it('opens nothing where it is refused', async () => {
    await app.run(putWord, { word: 'heck', action: 'reject' }, operatorCall(erin.account));
    for (const [code, more] of [
      ['VALIDATION_FAILED', { content: ' \u200b' }],
      ['VALIDATION_FAILED', { content: 'x'.repeat(5_001) }],
      ['VALIDATION_FAILED', { type: 'image' }],
      ['VALIDATION_FAILED', { type: 'custom' }],
      ['POSTING_NOT_ALLOWED', { content: 'what the heck' }],
      ['MENTION_INVALID', { mentions: [alice.id] }],
      ['ATTACHMENT_NOT_FOUND', { attachmentIds: [await app.attachment(alice)] }],
      ['MESSAGE_NOT_FOUND', { replyToId: randomUUID() }],
      ['MESSAGE_NOT_FOUND', { threadRootId: randomUUID() }],
    ] as const)
      expect([more, await refusal(first(erin, frank, more))]).toEqual([more, code]);
    await app.uow.write(erin.account, (tx) => tx.suspensions.set(erin.id, true));
    expect(await refusal(first(erin, frank))).toBe('USER_SUSPENDED');
    expect(await refusal(first(frank, frank))).toBe('VALIDATION_FAILED');
    expect(await refusal(first(frank, alice))).toBe('USER_NOT_FOUND');
    expect(await listed()).toEqual([]);
    expect(app.told).toEqual([]);
  });

  it('opens one conversation, whoever comes first, and a resend stores nothing more', async () => {
    const more = { clientMessageId: randomUUID() };
    const sent = await Promise.all([
      ...Array.from({ length: 5 }, () => first(erin, frank, more)),
      ...Array.from({ length: 5 }, () => first(frank, erin)),
    ]);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(6);
    const [id, ...others] = await listed();
    expect(others).toEqual([id]);
    expect(await erin.call('conversations.get', { conversationId: id })).toMatchObject({ lastSeq: 6, version: 7 });
    expect((await first(erin, frank, more)).id).toBe(sent[0].id);
  });

  it('passes the hooks once', async () => {
    const { id } = await first(erin, frank);
    expect(screened.filter((message) => message === id)).toEqual([id]);
  });
});

describe('slow mode', () => {
  it('holds two sends of one batch apart, and not those who may skip it', async () => {
    const group = await openGroup(alice, [bob, carol], { settings: { slowModeSeconds: 60 } });
    const both = await Promise.allSettled([send(bob, group, 'one'), send(bob, group, 'two')]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    const slowed = await send(bob, group, 'three').catch((error: unknown) => error);
    expect(slowed).toMatchObject({ code: 'SLOW_MODE', details: { retryAfterSeconds: expect.any(Number) } });
    const { retryAfterSeconds } = (slowed as { details: { retryAfterSeconds: number } }).details;
    expect(retryAfterSeconds).toBeGreaterThan(50);
    expect(retryAfterSeconds).toBeLessThanOrEqual(60);
    await Promise.all([send(carol, group, 'mine'), send(alice, group, 'a'), send(alice, group, 'b')]);
    const { items } = await alice.call('messages.list', { conversationId: group.id });
    expect(items.map((message: Payload) => message.seq)).toEqual([1, 2, 3, 4]);
  });

  it('answers a resend of what was stored', async () => {
    const group = await openGroup(alice, [bob], { settings: { slowModeSeconds: 60 } });
    const more = { clientMessageId: randomUUID() };
    const sent = await send(bob, group, 'one', more);
    expect(await send(bob, group, 'one', more)).toEqual(sent);
  });
});

it('lets only those who may announce post in announcement mode', async () => {
  const group = await openGroup(alice, [bob], { settings: { announcementsOnly: true } });
  expect(await refusal(send(bob, group, 'x'))).toBe('POSTING_NOT_ALLOWED');
  await send(alice, group, 'news');
});

it('refuses both of a blocked pair, and answers what was stored before', async () => {
  const [dan, eve] = [await app.person('dan'), await app.person('eve')];
  const direct = await openDirect(dan, eve);
  const more = { clientMessageId: randomUUID() };
  const sent = await send(eve, direct, 'hi', more);
  await app.sql(`insert into block (account_id, blocker_id, blocked_id, created_at) values ($1, $2, $3, now())`, [
    dan.account,
    dan.id,
    eve.id,
  ]);
  await app.sql(`update conversation_head set access_version = access_version + 1 where conversation_id = $1`, [direct.id]);
  expect(await refusal(send(eve, direct, 'x'))).toBe('POSTING_NOT_ALLOWED');
  expect(await refusal(send(dan, direct, 'x'))).toBe('POSTING_NOT_ALLOWED');
  expect(await send(eve, direct, 'hi', more)).toEqual(sent);
});

it.each([
  ['zero-width', 'a\u200b\u200b\u2060'],
  ['bidirectional overrides', '\u202eevil\u202c \u2066x\u2069'],
  ['combining marks', `Z${'\u0335'.repeat(400)}`],
  ['a template', `{{constructor}} \${x} <script>alert(1)</script> '; drop table message; --`],
])('stores %s as it came', async (_name, content) => {
  const group = await openGroup(alice, [bob]);
  expect((await send(alice, group, content)).content).toBe(content);
  expect((await bob.call('messages.list', { conversationId: group.id })).items[0].content).toBe(content);
});

it.each([
  ['64 KB of *', '*'.repeat(65_536)],
  ['a NUL', 'a\u0000b'],
  ['half a surrogate pair', '\ud800'],
  ['nothing but spaces', '   '],
  ['nothing but zero-width', '\u200b\u200b\u2060'],
  ['nothing but fillers', '\u3164\u2800'],
])('refuses %s', async (_name, content) => {
  const group = await openGroup(alice, [bob]);
  expect(await refusal(send(alice, group, content))).toBe('VALIDATION_FAILED');
});

it('is not found by outsiders and other accounts', async () => {
  const group = await openGroup(alice, [bob]);
  const stranger = await app.person('stranger', await app.account());
  for (const person of [carol, stranger]) {
    expect(await refusal(send(person, group, 'x'))).toBe('CONVERSATION_NOT_FOUND');
    expect(await refusal(person.call('messages.list', { conversationId: group.id }))).toBe('CONVERSATION_NOT_FOUND');
  }
});
