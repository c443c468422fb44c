import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { about, openGroup, refusal, send, versionsToRoom } from '../calls.ts';

/** Messages with a lifetime. */

let app: TestApp;
let alice: Caller;
let bob: Caller;
beforeAll(async () => {
  app = await openTestApp();
  [alice, bob] = await Promise.all([app.person('alice'), app.person('bob')]);
});
afterAll(() => app.close());

const get = (person: Caller, message: { id: string }) => person.call('messages.get', { messageId: message.id });
const lifetimeOf = (message: { createdAt: string; expiresAt: string }) => Date.parse(message.expiresAt) - Date.parse(message.createdAt);

describe('an expiring message', () => {
  it('says when it goes, wherever it is shown', async () => {
    const group = await openGroup(alice, [bob]);
    app.told.length = 0;
    const message = await send(alice, group, 'soon gone', { expiresInSeconds: 60 });
    expect(lifetimeOf(message)).toBe(60_000);
    expect(await get(bob, message)).toEqual(message);
    expect(app.told.find(({ event }) => event === 'message:new')?.payload['message'].expiresAt).toBe(message.expiresAt);
    expect(await send(alice, group, 'stays')).not.toHaveProperty('expiresAt');
  });

  it('is answered to a resend, which brings the same lifetime', async () => {
    const group = await openGroup(alice, [bob]);
    const key = { clientMessageId: crypto.randomUUID() };
    const message = await send(alice, group, 'soon gone', { ...key, expiresInSeconds: 60 });
    expect(await send(alice, group, 'soon gone', { ...key, expiresInSeconds: 60 })).toEqual(message);
    expect(await refusal(send(alice, group, 'soon gone', { ...key, expiresInSeconds: 61 }))).toBe('CLIENT_MESSAGE_ID_CONFLICT');
  });

  it.each([0, 4, 1.5, -60, 366 * 86_400 + 1, '60'])('takes no lifetime of %s', async (expiresInSeconds) => {
    expect(await refusal(send(alice, await openGroup(alice), 'x', { expiresInSeconds }))).toBe('VALIDATION_FAILED');
  });

  it('is deleted for everyone at its time, once, with all that hangs on it', async () => {
    const group = await openGroup(alice, [bob]);
    const attachmentIds = [await app.attachment(alice)];
    const sent = [];
    for (let n = 0; n < 45; n += 1)
      sent.push(await send(alice, group, `zebra ${n}`, { expiresInSeconds: 60, ...(n === 0 && { attachmentIds, mentions: [bob.id] }) }));
    const stays = await send(alice, group, 'stays', { replyToId: sent[0].id });
    await app.settled();
    expect((await bob.call('messages.search', { q: 'zebra' })).items).not.toEqual([]);
    app.told.length = 0;
    await app.dueNow();
    await app.settled();
    const deleted = await get(bob, sent[0]);
    expect(deleted).toMatchObject({ seq: 1, deletedAt: expect.any(String), expiresAt: sent[0].expiresAt });
    for (const field of ['content', 'attachments', 'mentions']) expect(deleted).not.toHaveProperty(field);
    expect((await get(bob, stays)).replyTo).toMatchObject({ id: sent[0].id, deletedAt: deleted.deletedAt });
    expect((await bob.call('messages.search', { q: 'zebra' })).items).toEqual([]);
    expect(await app.sql('select seq from attachment_use where conversation_id = $1', [group.id])).toEqual([]);
    const gone = about(app, group)
      .filter(({ event }) => event === 'message:deleted')
      .map(({ payload }) => payload['messageId']);
    expect(gone.toSorted()).toEqual(sent.map(({ id }) => id).toSorted());
    expect(versionsToRoom(app, group)).toEqual(sent.map((_, at) => stays.version + 1 + at));
    app.told.length = 0;
    await app.dueNow();
    await app.settled();
    expect(about(app, group)).toEqual([]);
  });

  it('that was deleted before, or is gone with its conversation, is left alone', async () => {
    const [group, doomed] = [await openGroup(alice, [bob]), await openGroup(alice, [bob])];
    const message = await send(alice, group, 'x', { expiresInSeconds: 60 });
    await send(alice, doomed, 'x', { expiresInSeconds: 60 });
    await alice.call('messages.delete', { messageId: message.id, for: 'everyone' });
    await alice.call('conversations.delete', { conversationId: doomed.id });
    await app.settled();
    const { version } = await get(bob, message);
    app.told.length = 0;
    await app.dueNow();
    await app.settled();
    expect([(await get(bob, message)).version, about(app, group), about(app, doomed)]).toEqual([version, [], []]);
  });

  it('gives a forwarded copy what is left of its lifetime', async () => {
    const [from, to] = [await openGroup(alice, [bob]), await openGroup(bob, [alice])];
    const message = await send(alice, from, 'x', { expiresInSeconds: 3_600 });
    const { items } = await bob.call('forwards.create', { messageId: message.id, conversationIds: [to.id] });
    expect(items[0].content).toBe('x');
    expect(Math.abs(Date.parse(items[0].expiresAt) - Date.parse(message.expiresAt))).toBeLessThan(30_000);
  });
});
