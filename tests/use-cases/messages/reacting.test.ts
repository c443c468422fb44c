import { randomUUID } from 'node:crypto';
import { emoji as emojiSchema } from '@coucou/contracts/messages/emoji';
import emojis from 'unicode-emoji-json/data-by-emoji.json' with { type: 'json' };
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openGroup, refusal, send } from '../calls.ts';

/** Reactions, pins and forwards. */

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
const erase = (person: Caller, message: { id: string }, whom = 'everyone') =>
  person.call('messages.delete', { messageId: message.id, for: whom });
const react = (person: Caller, message: { id: string }, emoji: string) => person.call('reactions.put', { messageId: message.id, emoji });
const unreact = (person: Caller, message: { id: string }, emoji: string) =>
  person.call('reactions.delete', { messageId: message.id, emoji });
const history = async (person: Caller, group: { id: string }) => (await person.call('messages.list', { conversationId: group.id })).items;
const listen = () => {
  app.told.length = 0;
  return () => app.told.filter(({ event }) => event !== 'message:new');
};

describe('a reaction', () => {
  it('counts, is told once, and is mine only to me', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const message = await send(alice, group, 'x');
    const told = listen();
    await react(bob, message, '👍');
    await react(bob, message, '👍');
    await react(carol, message, '👍');
    await unreact(alice, message, '👍');
    await unreact(bob, message, '👍');
    await unreact(bob, message, '👍');
    expect(told().map(({ event, payload: { version, userId, added, count } }) => [event, version, userId, added, count])).toEqual([
      ['reaction:changed', message.version + 1, bob.id, true, 1],
      ['reaction:changed', message.version + 2, carol.id, true, 2],
      ['reaction:changed', message.version + 3, bob.id, false, 1],
    ]);
    expect((await get(bob, message)).reactions).toEqual([{ emoji: '👍', count: 1, mine: false }]);
    expect((await get(carol, message)).reactions).toEqual([{ emoji: '👍', count: 1, mine: true }]);
  });

  it('×20 at once is one', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await send(alice, group, 'x');
    const told = listen();
    await Promise.all(Array.from({ length: 20 }, () => react(bob, message, '🎉')));
    expect(told()).toHaveLength(1);
    expect((await get(bob, message)).reactions).toEqual([{ emoji: '🎉', count: 1, mine: true }]);
  });

  it('has 30 kinds on one message and no more', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await send(alice, group, 'x');
    for (let kind = 0; kind < 30; kind += 1) await react(kind % 2 ? alice : bob, message, `:kind-${kind}:`);
    expect(await refusal(react(bob, message, ':kind-30:'))).toBe('REACTION_LIMIT_REACHED');
    await react(alice, message, ':kind-0:');
    await unreact(bob, message, ':kind-1:');
    expect((await get(bob, message)).reactions).toHaveLength(30);
  });

  it.each(['❤', '❤️', '👩🏻‍❤️‍💋‍👩🏿', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🇫🇷', '1️⃣', ':shrug:'])('takes %s', async (emoji) => {
    const group = await openGroup(alice, [bob]);
    const message = await send(alice, group, 'x');
    await react(bob, message, emoji);
    const [reaction] = (await get(bob, message)).reactions;
    expect([reaction.emoji, '❤️']).toContain(emoji === '❤' ? '❤️' : emoji);
  });

  it('is one in every spelling of its emoji, put and taken away', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const message = await send(alice, group, 'x');
    for (const [fully, ...others] of [
      ['👍', '👍\ufe0f'],
      ['❤\ufe0f\u200d🔥', '❤\u200d🔥', '❤\ufe0f\u200d🔥\ufe0f'],
      ['👁\ufe0f\u200d🗨\ufe0f', '👁\u200d🗨\ufe0f', '👁\ufe0f\u200d🗨', '👁\u200d🗨'],
      ['☝🏽', '☝\ufe0f🏽'],
      ['1\ufe0f\u20e3', '1\u20e3'],
    ] as [string, ...string[]][]) {
      await react(bob, message, fully);
      for (const other of others) {
        await react(carol, message, other);
        expect((await get(bob, message)).reactions).toEqual([{ emoji: fully, count: 2, mine: true }]);
        await unreact(carol, message, other);
      }
      await unreact(bob, message, others[0] ?? '');
      expect((await get(bob, message)).reactions ?? []).toEqual([]);
    }
  });

  it('takes all emoji of Unicode in all spellings that UTS #51 calls the same', () => {
    const fully = Object.keys(emojis);
    const tones = ['🏻', '🏿'].flatMap((tone) => fully.map((one) => one.replaceAll(/(\p{Emoji_Modifier_Base})\ufe0f?/gu, `$1${tone}`)));
    const all = new Set([...fully, ...tones.filter((one) => /^\p{RGI_Emoji}$/v.test(one))]);
    expect(all.size).toBeGreaterThan(2_000);
    const wrong: string[] = [];
    for (const emoji of all) {
      const parts = emoji.split('\ufe0f');
      // Each selector there or not; and one after everything that may have one.
      let spellings = [parts[0] ?? ''];
      for (const part of parts.slice(1)) spellings = spellings.flatMap((begun) => [`${begun}${part}`, `${begun}\ufe0f${part}`]);
      spellings.push(emoji.replaceAll(/(\p{Emoji})\ufe0f?/gu, '$1\ufe0f'));
      if (spellings.some((spelling) => emojiSchema.safeParse(spelling).data !== emoji)) wrong.push(emoji);
    }
    expect(wrong).toEqual([]);
  });

  it.each(['', 'a', '👍👍', '👍 ', '1', ':', '::', ':A:', '\u200d', '\ufe0f', '1\ufe0f', '👍\u0000', '*'.repeat(100), '🏻x', "'; --"])(
    'refuses %j',
    async (emoji) => {
      const group = await openGroup(alice, [bob]);
      const message = await send(alice, group, 'x');
      expect(await refusal(react(bob, message, emoji))).toBe('VALIDATION_FAILED');
    },
  );

  it('needs a message that is there for whoever reacts', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await send(alice, group, 'x');
    for (const person of [outsider, stranger]) expect(await refusal(react(person, message, '👍'))).toBe('MESSAGE_NOT_FOUND');
    await erase(alice, message);
    expect(await refusal(react(bob, message, '👍'))).toBe('MESSAGE_NOT_FOUND');
    expect(await refusal(unreact(bob, message, '👍'))).toBe('MESSAGE_NOT_FOUND');
  });
});

describe('a pin', () => {
  it('takes the permission, is listed newest first, and is told once', async () => {
    const group = await openGroup(alice, [bob]);
    const [first, second] = [await send(bob, group, '1'), await send(bob, group, '2')];
    expect(await refusal(bob.call('pins.put', { messageId: first.id }))).toBe('FORBIDDEN');
    expect(await refusal(outsider.call('pins.put', { messageId: first.id }))).toBe('MESSAGE_NOT_FOUND');
    expect(await refusal(outsider.call('pins.list', { conversationId: group.id }))).toBe('CONVERSATION_NOT_FOUND');
    const told = listen();
    for (const message of [second, first, first]) await alice.call('pins.put', { messageId: message.id });
    expect(told().map(({ event, payload }) => [event, payload['messageId'], payload['pinned']])).toEqual([
      ['pin:changed', second.id, true],
      ['pin:changed', first.id, true],
    ]);
    const page = await bob.call('pins.list', { conversationId: group.id, limit: 1 });
    const next = await bob.call('pins.list', { conversationId: group.id, limit: 1, cursor: page.nextCursor });
    expect([...page.items, ...next.items].map((message: Payload) => [message.id, message.pinned])).toEqual([
      [first.id, true],
      [second.id, true],
    ]);
    expect(next.nextCursor).toBeNull();
    await alice.call('pins.delete', { messageId: first.id });
    expect((await bob.call('pins.list', { conversationId: group.id })).items).toHaveLength(1);
  });

  it('is one of at most 100', async () => {
    const group = await openGroup(alice, [bob]);
    const sent = await Promise.all(Array.from({ length: 101 }, (_, index) => send(alice, group, `${index}`)));
    for (const message of sent.slice(0, 100)) await alice.call('pins.put', { messageId: message.id });
    expect(await refusal(alice.call('pins.put', { messageId: sent[100].id }))).toBe('PIN_LIMIT_REACHED');
  });
});

describe('a forward', () => {
  it('is answered when it is repeated, whatever would refuse it now', async () => {
    const [from, one, other] = [await openGroup(alice, [bob]), await openGroup(alice, [bob]), await openGroup(bob, [])];
    const message = await send(alice, from, 'look');
    const input = { messageId: message.id, conversationIds: [one.id, other.id], clientMessageId: randomUUID() };
    const { items } = await bob.call('forwards.create', input);
    await alice.call('members.remove', { conversationId: one.id, userId: bob.id });
    expect(await refusal(send(bob, one, 'x'))).toBe('CONVERSATION_NOT_FOUND');
    expect(await bob.call('forwards.create', input)).toEqual({ items });
    await alice.call('messages.delete', { messageId: message.id, for: 'everyone' });
    expect(await bob.call('forwards.create', input)).toEqual({ items });
    const further = { ...input, conversationIds: [one.id, from.id] };
    expect(await refusal(bob.call('forwards.create', further))).toBe('MESSAGE_NOT_FOUND');
  });

  it('copies what is said and shares the attachments', async () => {
    const [from, to] = [await openGroup(alice, [bob]), await openGroup(bob, [carol])];
    const attachment = await app.attachment(alice);
    const message = await send(alice, from, 'look', { attachmentIds: [attachment], mentions: [bob.id] });
    const input = { messageId: message.id, conversationIds: [to.id], clientMessageId: randomUUID() };
    const { items } = await bob.call('forwards.create', input);
    expect(items).toMatchObject([
      { conversationId: to.id, senderId: bob.id, content: 'look', forwarded: true, attachments: [{ id: attachment }] },
    ]);
    expect(items[0].mentions).toBeUndefined();
    // Not its URL, which may be another by then.
    expect(await bob.call('forwards.create', input)).toMatchObject({ items: [{ id: items[0].id, attachments: [{ id: attachment }] }] });
    expect(await app.sql('select from attachment_use where attachment_id = $1', [attachment])).toHaveLength(2);
    await erase(alice, message);
    expect((await get(carol, items[0])).attachments).toHaveLength(1);
  });

  it('needs sight of the source and the right to post at every target', async () => {
    const [from, to, quiet] = [
      await openGroup(alice, [bob]),
      await openGroup(bob),
      await openGroup(alice, [bob], { settings: { announcementsOnly: true } }),
    ];
    const message = await send(alice, from, 'x');
    const forward = (person: Caller, ...targets: { id: string }[]) =>
      person.call('forwards.create', { messageId: message.id, conversationIds: targets.map(({ id }) => id) });
    expect(await refusal(forward(carol, to))).toBe('MESSAGE_NOT_FOUND');
    expect(await refusal(forward(alice, to))).toBe('CONVERSATION_NOT_FOUND');
    expect(await refusal(forward(bob, to, quiet))).toBe('POSTING_NOT_ALLOWED');
    expect(await history(bob, to)).toEqual([]);
    await erase(alice, message);
    expect(await refusal(forward(bob, to))).toBe('MESSAGE_NOT_FOUND');
  });
});
