import { limits } from '@coucou/domain/kernel/limits';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openGroup, refusal, send } from '../calls.ts';

/** What an operator allows below the ceilings of the schemas. */

let app: TestApp;
let alice: Caller;
let bob: Caller;
let group: Payload;
beforeAll(async () => {
  app = await openTestApp();
  [alice, bob] = await Promise.all([app.person('alice'), app.person('bob')]);
  group = await openGroup(alice, [bob]);
});
afterAll(() => app.close());
const ceilings = {
  mostText: limits.messageText,
  mostData: limits.customData,
  mostAttachments: limits.attachments,
  mostReactions: limits.reactionKinds,
};
afterEach(() => void Object.assign(app.settings, ceilings));

const tooLong = (most: number) => ({
  code: 'VALIDATION_FAILED',
  details: [{ path: ['content'], rule: 'custom', message: `must have 1 to ${most} characters` }],
});
const lastSeq = async () => (await alice.call('conversations.get', { conversationId: group.id })).lastSeq;
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();

describe('the length of a text', () => {
  it('is refused as the schema refuses one above its ceiling', async () => {
    const bySchema = await send(alice, group, 'x'.repeat(limits.messageText + 1)).catch((error: unknown) => error);
    expect(bySchema).toMatchObject(tooLong(limits.messageText));
    app.settings.mostText = 10;
    const before = await lastSeq();
    await expect(send(alice, group, 'x'.repeat(11))).rejects.toMatchObject(tooLong(10));
    expect(await lastSeq()).toBe(before);
    expect(await send(alice, group, 'x'.repeat(10))).toMatchObject({ content: 'x'.repeat(10) });
  });

  it('is counted in code points', async () => {
    app.settings.mostText = 10;
    expect(await send(alice, group, '😀'.repeat(10))).toMatchObject({ content: '😀'.repeat(10) });
    await expect(send(alice, group, '😀'.repeat(11))).rejects.toMatchObject(tooLong(10));
  });

  it('holds for an edit, and not for a text that is there', async () => {
    const long = await send(bob, group, 'a text of some length');
    app.settings.mostText = 10;
    const edit = (content: string, more = {}) => bob.call('messages.edit', { messageId: long.id, content, ...more });
    await expect(edit('another text of some length')).rejects.toMatchObject(tooLong(10));
    expect(await bob.call('messages.get', { messageId: long.id })).toMatchObject({ content: long.content, version: long.version });
    expect(await edit(long.content, { mentions: [alice.id] })).toMatchObject({ content: long.content, mentions: [alice.id] });
    expect(await edit('short')).toMatchObject({ content: 'short' });
  });

  it('holds for a message that is scheduled, when it is written and when it is due', async () => {
    const scheduled = { conversationId: group.id, sendAt: inAnHour() };
    app.settings.mostText = 10;
    await expect(alice.call('scheduled.create', { ...scheduled, content: 'said much later' })).rejects.toMatchObject(tooLong(10));
    const planned = await alice.call('scheduled.create', { ...scheduled, content: 'said later' });
    const update = alice.call('scheduled.update', { ...scheduled, scheduledMessageId: planned.id, content: 'said much later' });
    await expect(update).rejects.toMatchObject(tooLong(10));
    app.settings.mostText = 5;
    const before = await lastSeq();
    await app.dueNow();
    await app.settled();
    expect(await lastSeq()).toBe(before);
    const found = await alice.call('scheduled.get', { conversationId: group.id, scheduledMessageId: planned.id });
    expect(found).toMatchObject({ status: 'failed', content: 'said later' });
  });

  it('does not keep an earlier message from being forwarded, nor a resend from being answered', async () => {
    const clientMessageId = '7b0c6c0e-6d4c-4c1c-9d7e-0f5a3f1f9a11';
    const long = await send(alice, group, 'a text of some length', { clientMessageId });
    const other = await openGroup(alice);
    app.settings.mostText = 10;
    const { items } = await alice.call('forwards.create', { messageId: long.id, conversationIds: [other.id] });
    expect(items).toEqual([expect.objectContaining({ content: long.content })]);
    expect(await send(alice, group, 'a text of some length', { clientMessageId })).toMatchObject({ id: long.id });
  });
});

it('custom data is refused by its bytes as JSON, as the schema refuses it', async () => {
  const post = (filler: string) => send(alice, group, 'hello', { data: { filler } });
  const tooMuch = (most: number) => ({
    code: 'VALIDATION_FAILED',
    details: [{ path: ['data'], rule: 'custom', message: `is larger than ${most} bytes as JSON, numbers written out` }],
  });
  await expect(post('x'.repeat(limits.customData))).rejects.toMatchObject(tooMuch(limits.customData));
  app.settings.mostData = 20;
  await expect(post('12345678')).rejects.toMatchObject(tooMuch(20));
  // Two bytes each.
  await expect(post('éééé')).rejects.toMatchObject(tooMuch(20));
  expect(await post('1234567')).toMatchObject({ data: { filler: '1234567' } });
});

it('attachments of one message are refused by their number', async () => {
  const attachmentIds = [await app.attachment(alice), await app.attachment(alice)];
  const post = (ids: readonly string[]) => alice.call('messages.send', { conversationId: group.id, type: 'image', attachmentIds: ids });
  app.settings.mostAttachments = 1;
  await expect(post(attachmentIds)).rejects.toMatchObject({
    code: 'VALIDATION_FAILED',
    details: [{ path: ['attachmentIds'], rule: 'too_big', message: 'must not have more than 1 items' }],
  });
  expect((await post(attachmentIds.slice(1))).attachments).toHaveLength(1);
});

it('a reaction of a kind that is one too many is refused, and one that is there is joined', async () => {
  const message = await send(alice, group, 'well?');
  const react = (who: Caller, emoji: string) => who.call('reactions.put', { messageId: message.id, emoji });
  app.settings.mostReactions = 1;
  await react(alice, '👍');
  expect(await refusal(react(bob, '🎉'))).toBe('REACTION_LIMIT_REACHED');
  await react(bob, '👍');
  expect((await alice.call('messages.get', { messageId: message.id })).reactions).toEqual([{ emoji: '👍', count: 2, mine: true }]);
});
