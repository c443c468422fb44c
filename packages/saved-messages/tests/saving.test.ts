import { randomUUID } from 'node:crypto';
import { MessageLog } from '@coucou/application/ports/message-log';
import { asId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import { expectStored, range, sendAll, sending } from '../../../tests/support/fixtures.ts';
import { type Caller, openTestApp, type TestApp } from '../../../tests/support/test-app.ts';
import { openGroup, refusal, send } from '../../../tests/use-cases/calls.ts';
import { savedLimits } from '../src/domain/limits.ts';
import { feedOf, inHours, itemsOf, list, remove, save } from './saved.ts';

let app: TestApp;
let alice: Caller;
let bob: Caller;
let outsider: Caller;
let stranger: Caller;
let group: Payload;
let message: Payload;
beforeAll(async () => {
  app = await openTestApp();
});
beforeEach(async () => {
  app.time.now = undefined;
  [alice, bob, outsider] = await Promise.all([app.person('alice'), app.person('bob'), app.person('dan')]);
  stranger = await app.person('stranger', await app.account());
  group = await openGroup(alice, [bob]);
  message = await send(alice, group, 'worth keeping');
  app.told.length = 0;
});
afterAll(() => app.close());

const rows = (who: Caller) => app.sql('select message_id, note from saved_message where user_id = $1', [who.id]);

describe('saving a message', () => {
  it('keeps it with a note and a time, and lists it as it is now', async () => {
    const remindAt = inHours(1);
    const saved = await save(bob, message, { note: 'answer', remindAt });
    expect(saved).toEqual({ messageId: message.id, conversationId: group.id, savedAt: expect.any(String), note: 'answer', remindAt });
    expect(await list(bob)).toEqual({ items: [{ ...saved, message }], nextCursor: null });
    const edited = await alice.call('messages.edit', { messageId: message.id, content: 'worth keeping still' });
    expect(await itemsOf(bob)).toEqual([{ ...saved, message: edited }]);
  });

  it('shows the files of the message, by URLs of their own', async () => {
    const withFile = await send(alice, group, 'a file', { attachmentIds: [await app.attachment(alice)] });
    await save(bob, withFile);
    const [item] = await itemsOf(bob);
    expect(item?.message.attachments).toEqual([expect.objectContaining({ url: expect.any(String), name: 'a.png' })]);
  });

  it('again changes what is given, and where nothing is changes nothing', async () => {
    const remindAt = inHours(1);
    const first = await save(bob, message, { note: 'answer', remindAt });
    app.time.now = new Date(Date.now() + 60_000);
    expect(await save(bob, message)).toEqual(first);
    expect(await save(bob, message, { note: 'answer', remindAt })).toEqual(first);
    const other = inHours(2);
    const { remindAt: _, ...withoutTime } = first;
    expect(await save(bob, message, { remindAt: other })).toEqual({ ...first, remindAt: other });
    expect(await save(bob, message, { note: 'read' })).toEqual({ ...first, note: 'read', remindAt: other });
    expect(await save(bob, message, { remindAt: null })).toEqual({ ...withoutTime, note: 'read' });
    expect(await save(bob, message, { note: null })).not.toHaveProperty('note');
    expect(feedOf(app, bob)).toHaveLength(5);
    expect(await itemsOf(bob)).toHaveLength(1);
  });

  it('×10 at once is one', async () => {
    await Promise.all(Array.from({ length: 10 }, (_, index) => save(bob, message, { note: `note ${index}` })));
    expect(await rows(bob)).toHaveLength(1);
  });

  it('takes a time in any form of RFC 3339', async () => {
    expect(await save(bob, message, { remindAt: '2029-01-15T10:30:00+01:00' })).toMatchObject({ remindAt: '2029-01-15T09:30:00.000Z' });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a time that is past', { remindAt: '2020-01-01T00:00:00.000Z' }, 'REMIND_AT_INVALID'],
    ['a time too far ahead', { remindAt: '2999-01-01T00:00:00.000Z' }, 'REMIND_AT_INVALID'],
    ['a time that is none', { remindAt: 'tomorrow' }, 'VALIDATION_FAILED'],
    ['an empty note', { note: '' }, 'VALIDATION_FAILED'],
    ['a note that is too long', { note: 'x'.repeat(savedLimits.note + 1) }, 'VALIDATION_FAILED'],
    ['a note that cannot be stored', { note: 'a\u0000b' }, 'VALIDATION_FAILED'],
    ['an unknown key', { secret: true }, 'VALIDATION_FAILED'],
    ['what is no id', { messageId: 'x' }, 'VALIDATION_FAILED'],
  ])('refuses %s', async (_, more, code) => {
    expect(await refusal(save(bob, message, more))).toBe(code);
    expect(await rows(bob)).toEqual([]);
    expect(app.told).toEqual([]);
  });

  it('is for messages that the person can read', async () => {
    for (const who of [outsider, stranger]) expect(await refusal(save(who, message))).toBe('MESSAGE_NOT_FOUND');
    expect(await refusal(save(bob, { id: randomUUID() }))).toBe('MESSAGE_NOT_FOUND');
    await bob.call('messages.delete', { messageId: message.id, for: 'me' });
    expect(await refusal(save(bob, message))).toBe('MESSAGE_NOT_FOUND');
    await save(alice, message);
    await alice.call('messages.delete', { messageId: message.id, for: 'everyone' });
    expect(await refusal(save(alice, message, { note: 'gone' }))).toBe('MESSAGE_NOT_FOUND');
  });

  it('ends at a number, and goes on when there is room', async () => {
    const conversation = await app.uow.read(alice.account, (tx) => tx.conversations.lookup(asId(group.id)));
    const at = { accountId: alice.account, conversationId: asId<'conversation'>(group.id), senderId: alice.id };
    const requests = range(1, savedLimits.perPerson).map(() => sending({ ...at, accessVersion: conversation?.accessVersion ?? 0 }));
    (await sendAll(app.container.resolve(MessageLog), requests)).forEach(expectStored);
    await app.sql(
      `insert into saved_message (account_id, user_id, message_id, conversation_id, seq, saved_at)
       select account_id, $1, id, conversation_id, seq, now() from message where conversation_id = $2 and id <> $3`,
      [bob.id, group.id, message.id],
    );
    await expect(save(bob, message)).rejects.toMatchObject({
      code: 'SAVED_MESSAGE_LIMIT_REACHED',
      details: { limit: savedLimits.perPerson },
    });
    const [other] = await itemsOf(bob);
    await save(bob, { id: other?.messageId }, { note: 'one that is saved already' });
    await remove(bob, { id: other?.messageId });
    await save(bob, message);
    expect(await refusal(save(bob, { id: other?.messageId }))).toBe('SAVED_MESSAGE_LIMIT_REACHED');
    await save(alice, message);
  });
});

describe('what somebody saved', () => {
  it('is private: nobody else sees it, receives events of it, or removes it', async () => {
    const saved = await save(bob, message, { note: 'for me alone' });
    const ofAlice = await save(alice, message);
    expect(app.told.map(({ event, to }) => [event, to['userId']])).toEqual([
      ['user:event', bob.id],
      ['user:event', alice.id],
    ]);
    for (const who of [outsider, stranger]) {
      expect(await itemsOf(who)).toEqual([]);
      await remove(who, message);
    }
    expect(await itemsOf(alice)).toEqual([{ ...ofAlice, message }]);
    await remove(alice, message);
    expect(await itemsOf(bob)).toEqual([{ ...saved, message }]);
    const shown = [
      await alice.call('messages.get', { messageId: message.id }),
      await alice.call('conversations.get', { conversationId: group.id }),
    ];
    expect(JSON.stringify(shown)).not.toContain('for me alone');
  });

  it('reaches the devices of the person by events and by sync', async () => {
    const saved = await save(bob, message, { note: 'read' });
    await remove(bob, message);
    await remove(bob, message);
    const entries = [
      ['saved_message.updated', saved],
      ['saved_message.removed', { messageId: message.id }],
    ];
    expect(feedOf(app, bob)).toEqual(entries);
    const { user } = await bob.call('sync.conversations', { user: { version: 0 } });
    expect(user.events.map(({ kind, payload }: Payload) => [kind, payload]).slice(-2)).toEqual(entries);
  });

  it('is listed in pages, the newest first', async () => {
    const messages: Payload[] = [];
    for (const content of ['one', 'two', 'three', 'four', 'five']) messages.push(await send(alice, group, content));
    for (const [index, each] of messages.entries()) {
      app.time.now = new Date(Date.now() + index * 1_000);
      await save(bob, each);
    }
    const first = await list(bob, { limit: 3 });
    const second = await list(bob, { limit: 3, cursor: first.nextCursor });
    const contents = [...first.items, ...second.items].map((item: Payload) => item.message.content);
    expect(contents).toEqual(['five', 'four', 'three', 'two', 'one']);
    expect([first.items.length, second.nextCursor]).toEqual([3, null]);
    expect(await refusal(list(bob, { cursor: 'x' }))).toBe('CURSOR_INVALID');
    expect(await refusal(list(alice, { cursor: first.nextCursor }))).toBe('CURSOR_INVALID');
    expect(await refusal(list(bob, { limit: 0 }))).toBe('VALIDATION_FAILED');
  });
});
