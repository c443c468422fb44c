import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp, type Told } from '../../support/test-app.ts';
import { openDirect, openGroup, refusal, send } from '../calls.ts';

/** Edits and deletions. */

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

const get = (person: Caller, message: { id: string }) => person.call('messages.get', { messageId: message.id });
const edit = (person: Caller, message: { id: string }, content: string, more = {}) =>
  person.call('messages.edit', { messageId: message.id, content, ...more });
const erase = (person: Caller, message: { id: string }, whom = 'everyone') =>
  person.call('messages.delete', { messageId: message.id, for: whom });
const react = (person: Caller, message: { id: string }, emoji: string) => person.call('reactions.put', { messageId: message.id, emoji });
const history = async (person: Caller, group: { id: string }) => (await person.call('messages.list', { conversationId: group.id })).items;
const versionOf = async (group: { id: string }) => (await alice.call('conversations.get', { conversationId: group.id })).version;
const listen = () => {
  app.told.length = 0;
  return () => app.told.filter(({ event }) => event !== 'message:new');
};
const block = async (blocker: Caller, blocked: Caller) =>
  app.sql('insert into block (account_id, blocker_id, blocked_id, created_at) values ($1, $2, $3, now())', [
    blocker.account,
    blocker.id,
    blocked.id,
  ]);

describe('an edit', () => {
  it('is its author’s, keeps what was said before, and is told once', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await send(bob, group, 'frist');
    const told = listen();
    const edited = await edit(bob, message, 'first');
    expect(edited).toMatchObject({ content: 'first', seq: 1, version: message.version + 1, editedAt: expect.any(String) });
    expect(await get(alice, message)).toEqual(edited);
    expect(told()).toEqual([
      expect.objectContaining({
        event: 'message:updated',
        payload: expect.objectContaining({ conversationId: group.id, version: edited.version, message: edited }),
      }),
    ]);
    expect((await bob.call('messages.history', { messageId: message.id })).items).toEqual([
      { content: 'frist', editedAt: edited.editedAt, editedBy: bob.id },
    ]);
    expect(await versionOf(group)).toBe(edited.version);
  });

  it('to the same changes nothing', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await send(bob, group, 'same', { mentions: [alice.id] });
    const told = listen();
    expect(await edit(bob, message, 'same')).toEqual(message);
    expect(await edit(bob, message, 'same', { mentions: [alice.id] })).toEqual(message);
    expect(told()).toEqual([]);
  });

  it('is refused to everybody else', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await send(bob, group, 'mine');
    expect(await refusal(edit(alice, message, 'yours'))).toBe('FORBIDDEN');
    for (const person of [outsider, stranger]) expect(await refusal(edit(person, message, 'x'))).toBe('MESSAGE_NOT_FOUND');
    expect(await refusal(edit(bob, { id: randomUUID() }, 'x'))).toBe('MESSAGE_NOT_FOUND');
    await alice.call('members.remove', { conversationId: group.id, userId: bob.id });
    expect(await refusal(edit(bob, message, 'x'))).toBe('MESSAGE_NOT_FOUND');
  });

  it('asks for mentions anew', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await send(bob, group, 'hey', { mentions: [alice.id] });
    expect(await refusal(edit(bob, message, 'hey', { mentions: [outsider.id] }))).toBe('MENTION_INVALID');
    expect(await refusal(edit(bob, message, 'hey', { mentions: ['@all'] }))).toBe('MENTION_INVALID');
    expect((await edit(bob, message, 'hey', { mentions: [] })).mentions).toBeUndefined();
    expect(await app.sql('select from mention where conversation_id = $1', [group.id])).toHaveLength(0);
  });

  it('needs the right to post', async () => {
    const [dan, eve] = [await app.person('dan'), await app.person('eve')];
    const direct = await openDirect(dan, eve);
    const message = await send(eve, direct, 'hi');
    await block(dan, eve);
    expect(await refusal(edit(eve, message, 'still here'))).toBe('POSTING_NOT_ALLOWED');
    expect(await refusal(react(eve, message, '👍'))).toBe('POSTING_NOT_ALLOWED');
    await erase(eve, message);
  });

  it('of 20 at once: every one that was taken is one version and one entry of the history', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await send(bob, group, 'v0');
    const told = listen();
    await Promise.all(Array.from({ length: 20 }, (_, index) => edit(bob, message, `v${index + 1}`)));
    const versions = told().map(({ payload }) => payload['version']);
    expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => message.version + index + 1));
    const { items } = await bob.call('messages.history', { messageId: message.id, limit: 100 });
    expect(items).toHaveLength(20);
    expect(new Set([...items.map((item: Payload) => item.content), (await get(alice, message)).content]).size).toBe(21);
  });

  it('closes with its window', async () => {
    const closed = await openTestApp();
    try {
      const [erin, frank] = [await closed.person('erin'), await closed.person('frank')];
      const group = await openGroup(erin, [frank]);
      const message = await send(frank, group, 'old');
      await closed.sql(`update message set created_at = created_at - interval '1 hour' where id = $1`, [message.id]);
      closed.settings.editWindowSeconds = 60;
      closed.settings.deleteWindowSeconds = 60;
      expect(await refusal(edit(frank, message, 'new'))).toBe('EDIT_WINDOW_CLOSED');
      expect(await refusal(erase(frank, message))).toBe('EDIT_WINDOW_CLOSED');
      const fresh = await send(frank, group, 'fresh');
      await edit(frank, fresh, 'fresher');
      await erase(erin, message);
    } finally {
      await closed.close();
    }
  });
});

describe('history of edits', () => {
  it('is for the author and for admins', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const message = await send(bob, group, 'a');
    await edit(bob, message, 'b');
    await edit(bob, message, 'c');
    const first = await alice.call('messages.history', { messageId: message.id, limit: 1 });
    expect(first.items.map((item: Payload) => item.content)).toEqual(['b']);
    const second = await alice.call('messages.history', { messageId: message.id, limit: 1, cursor: first.nextCursor });
    expect([second.items[0].content, second.nextCursor]).toEqual(['a', null]);
    expect(await refusal(carol.call('messages.history', { messageId: message.id }))).toBe('FORBIDDEN');
    expect(await refusal(outsider.call('messages.history', { messageId: message.id }))).toBe('MESSAGE_NOT_FOUND');
    expect(await refusal(alice.call('messages.history', { messageId: message.id, cursor: 'x' }))).toBe('CURSOR_INVALID');
    await erase(bob, message);
    expect(await refusal(bob.call('messages.history', { messageId: message.id }))).toBe('FORBIDDEN');
    expect((await alice.call('messages.history', { messageId: message.id })).items).toHaveLength(2);
  });
});

describe('a deletion for everyone', () => {
  it('leaves a tombstone in its place and nothing else', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const attachment = await app.attachment(bob);
    const message = await send(bob, group, 'secret', { attachmentIds: [attachment], mentions: [carol.id], data: { secret: 1 } });
    const reply = await send(carol, group, 'what?', { replyToId: message.id });
    await react(carol, message, '👍');
    await alice.call('pins.put', { messageId: message.id });
    const told = listen();
    await erase(bob, message);
    const { version } = await get(alice, message);
    expect(told()).toEqual([
      expect.objectContaining({
        event: 'message:deleted',
        payload: expect.objectContaining({ conversationId: group.id, version, messageId: message.id, seq: 1 }),
      }),
    ]);
    const [tombstone, replied] = await history(carol, group);
    expect(JSON.stringify([tombstone, replied])).not.toContain('secret');
    expect(tombstone).toMatchObject({ id: message.id, seq: 1, deletedAt: expect.any(String) });
    for (const field of ['content', 'data', 'attachments', 'mentions', 'reactions', 'pinned']) expect(tombstone).not.toHaveProperty(field);
    expect(replied).toMatchObject({ id: reply.id, replyTo: { id: message.id, deletedAt: tombstone.deletedAt } });
    expect((await carol.call('pins.list', { conversationId: group.id })).items).toEqual([]);
    for (const table of ['attachment_use', 'reaction', 'mention'])
      expect(await app.sql(`select from ${table} where conversation_id = $1`, [group.id])).toHaveLength(0);
    expect((await carol.call('conversations.get', { conversationId: group.id })).lastSeq).toBe(2);
    app.told.length = 0;
    await erase(bob, message);
    expect(app.told).toEqual([]);
  });

  it('is for the author and those who may delete other people’s', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const message = await send(bob, group, 'x');
    expect(await refusal(erase(carol, message))).toBe('FORBIDDEN');
    for (const person of [outsider, stranger]) expect(await refusal(erase(person, message))).toBe('MESSAGE_NOT_FOUND');
    await erase(alice, message);
    const direct = await openDirect(alice, bob);
    const words = await send(bob, direct, 'y');
    expect(await refusal(erase(alice, words))).toBe('FORBIDDEN');
  });

  it('against an edit: whichever comes first, nothing of the content is left', async () => {
    const group = await openGroup(alice, [bob]);
    for (let round = 0; round < 10; round += 1) {
      const message = await send(bob, group, 'said');
      const told = listen();
      const [edited, deleted] = await Promise.allSettled([edit(bob, message, 'unsaid'), erase(alice, message)]);
      expect(deleted.status).toBe('fulfilled');
      // The edit that came second met a deleted message.
      expect(['stored', 'MESSAGE_NOT_FOUND']).toContain(edited.status === 'fulfilled' ? 'stored' : edited.reason.code);
      expect((await get(bob, message)).content).toBeUndefined();
      const versions = told().map(({ payload }) => payload['version']);
      expect(versions).toEqual(versions.map((_, index) => message.version + index + 1));
    }
  });
});

describe('a deletion for oneself', () => {
  it('hides it in every list, tells one’s own devices only, and takes no version', async () => {
    const group = await openGroup(alice, [bob]);
    const [first, second, third] = [await send(alice, group, '1'), await send(alice, group, '2'), await send(alice, group, '3')];
    const root = await send(bob, group, 'on three', { replyToId: third.id });
    await alice.call('pins.put', { messageId: second.id });
    const version = await versionOf(group);
    const told = listen();
    for (const message of [second, third]) await erase(bob, message, 'me');
    await erase(bob, third, 'me').catch(() => {});
    expect(
      told().map(({ event, to, payload }: Told) => [event, to['kind'], to['userId'], payload['kind'], payload['payload'].messageId]),
    ).toEqual([
      ['user:event', 'devices', bob.id, 'message.hidden', second.id],
      ['user:event', 'devices', bob.id, 'message.hidden', third.id],
    ]);
    expect(await versionOf(group)).toBe(version);
    expect((await history(bob, group)).map((message: Payload) => message.seq)).toEqual([1, 4]);
    expect((await history(alice, group)).map((message: Payload) => message.seq)).toEqual([1, 2, 3, 4]);
    expect(await refusal(get(bob, second))).toBe('MESSAGE_NOT_FOUND');
    expect((await get(bob, root)).replyTo.content).toBeUndefined();
    expect((await get(alice, root)).replyTo.content).toBe('3');
    expect((await bob.call('pins.list', { conversationId: group.id })).items).toEqual([]);
    await erase(bob, root, 'me');
    const { items } = await bob.call('conversations.list');
    expect(items.find((item: Payload) => item.id === group.id).lastMessage.id).toBe(first.id);
    const synced = await bob.call('sync.conversations', { conversations: { [group.id]: { version: 1 } } });
    expect(synced.conversations[0].messages.map((message: Payload) => message.seq)).toEqual([1]);
    const page = await bob.call('messages.list', { conversationId: group.id, limit: 1 });
    expect([page.items[0].seq, page.hasBefore]).toEqual([1, false]);
  });
});

it('tells a room where somebody may not see the message only that a version was taken', async () => {
  const group = await openGroup(alice, [bob], { settings: { history: 'joined' } });
  const early = await send(bob, group, 'early words');
  const told = listen();
  await edit(bob, early, 'early thoughts');
  expect(told()[0]?.payload['message'].content).toBe('early thoughts');
  await alice.call('members.add', { conversationId: group.id, userIds: [carol.id] });
  app.told.length = 0;
  await edit(bob, early, 'later thoughts');
  await react(alice, early, '👍');
  await alice.call('pins.put', { messageId: early.id });
  const reply = await send(bob, group, 'to that', { replyToId: early.id });
  await edit(bob, reply, 'to that one');
  await erase(bob, early);
  const bare = app.told.filter(
    ({ to, payload }) => to['kind'] === 'conversation' && ![reply.version, reply.version + 1].includes(payload['version']),
  );
  expect(bare.map(({ event, payload }) => [event, Object.keys(payload).toSorted()])).toEqual(
    Array.from({ length: 4 }, () => ['message:updated', ['at', 'conversationId', 'version']]),
  );
  expect(JSON.stringify(app.told)).not.toContain('thoughts');
  expect(await refusal(get(carol, early))).toBe('MESSAGE_NOT_FOUND');
  expect(await refusal(react(carol, early, '👍'))).toBe('MESSAGE_NOT_FOUND');
  const synced = await carol.call('sync.conversations', { conversations: { [group.id]: { version: 1 } } });
  expect(synced.conversations[0].messages.map((message: Payload) => message.id)).toEqual([reply.id]);
});
