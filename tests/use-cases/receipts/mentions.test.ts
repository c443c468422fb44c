import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openGroup, send } from '../calls.ts';

/** What a mention counts and notifies of, from when it is made until it is read, dropped or deleted. */

let app: TestApp;
let [alice, bob, carol]: [Caller, Caller, Caller] = [] as never;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());

const newPeople = async () => (await Promise.all(['alice', 'bob', 'carol'].map((name) => app.person(name)))) as [Caller, Caller, Caller];
beforeEach(async () => {
  [alice, bob, carol] = await newPeople();
});

const settled = async () => {
  await app.settled();
  await app.storage.receiptLog.settled();
};
const own = (who: Caller, group: { id: string }) => who.call('conversations.get', { conversationId: group.id });
const synced = async (who: Caller, group: { id: string }) =>
  (await who.call('sync.conversations', { conversations: { [group.id]: {} } })).conversations[0];
const notifications = async (who: Caller): Promise<Payload[]> =>
  (await who.call('notifications.list', { limit: 100 })).items.filter(({ kind }: Payload) => kind !== 'added');
const toldTo = (who: Caller, event: string) =>
  app.told.filter((told) => told.event === event && told.to['userId'] === who.id).map(({ payload }) => payload);
const edit = (who: Caller, message: Payload, content: string, mentions?: readonly string[]) =>
  who.call('messages.edit', { messageId: message.id, content, ...(mentions && { mentions }) });

describe('an unread mention', () => {
  it('goes with its message: the counts say so, and so do feed and list', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const message = await send(alice, group, 'bob?', { mentions: [bob.id] });
    await settled();
    const [notification] = await notifications(bob);
    expect(notification).toMatchObject({ kind: 'mention', messageId: message.id });
    app.told.length = 0;
    await alice.call('messages.delete', { messageId: message.id });
    await settled();
    expect(toldTo(bob, 'unread:updated')).toMatchObject([{ total: 1, mentions: 0, conversationId: group.id, messages: 1 }]);
    expect(toldTo(carol, 'unread:updated')).toEqual([]);
    expect((await own(bob, group)).unread).toEqual({ messages: 1, mentions: 0 });
    expect((await synced(bob, group)).unread).toEqual({ messages: 1, mentions: 0 });
    expect(await notifications(bob)).toEqual([]);
    const removed = expect.objectContaining({ kind: 'notification.removed', payload: { notificationId: notification?.['id'] } });
    expect(toldTo(bob, 'user:event')).toEqual([removed]);
    expect((await bob.call('sync.conversations', { user: { version: 0 } })).user.events).toContainEqual(removed);
    expect((await bob.call('notifications.list', { unread: true })).unread).toBe(1);
  });

  it('is added by an edit as by a new message, and dropped by one', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const message = await send(alice, group, 'who?', { mentions: [carol.id] });
    await settled();
    app.told.length = 0;
    await edit(alice, message, 'bob!', [bob.id]);
    await settled();
    expect(toldTo(bob, 'unread:updated')).toMatchObject([{ total: 1, mentions: 1, messages: 1 }]);
    expect(toldTo(carol, 'unread:updated')).toMatchObject([{ total: 1, mentions: 0, messages: 1 }]);
    expect(toldTo(bob, 'notification:new')).toMatchObject([
      { notification: { kind: 'mention', actorId: alice.id, messageId: message.id } },
    ]);
    expect(await notifications(bob)).toHaveLength(1);
    expect(await notifications(carol)).toEqual([]);
    app.told.length = 0;
    await edit(alice, message, 'bob, and a full stop.');
    await settled();
    for (const who of [bob, carol]) expect(toldTo(who, 'unread:updated')).toEqual([]);
    expect(await notifications(bob)).toHaveLength(1);
    await edit(alice, message, 'all', ['@all']);
    await settled();
    expect(toldTo(carol, 'unread:updated')).toMatchObject([{ mentions: 1 }]);
    for (const who of [bob, carol]) expect(await notifications(who)).toHaveLength(1);
    expect(await notifications(alice)).toEqual([]);
  });

  it('stays notified to whoever is replied to, when an edit drops it', async () => {
    const group = await openGroup(alice, [bob]);
    const first = await send(bob, group, 'a question');
    const reply = await send(alice, group, 'bob', { replyToId: first.id, mentions: [bob.id] });
    await settled();
    await edit(alice, reply, 'you', []);
    await settled();
    expect(await notifications(bob)).toMatchObject([{ messageId: reply.id }]);
    await alice.call('messages.delete', { messageId: reply.id });
    await settled();
    expect(await notifications(bob)).toEqual([]);
  });

  it('changes nothing for those who have read it, and keeps what was marked unread', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const message = await send(alice, group, 'you two', { mentions: [bob.id, carol.id] });
    await send(alice, group, 'and more');
    for (const who of [bob, carol]) await who.call('receipts.mark', { items: [{ conversationId: group.id, readSeq: 2 }] });
    await bob.call('membership.markUnread', { conversationId: group.id, fromSeq: 1 });
    await settled();
    app.told.length = 0;
    await alice.call('messages.delete', { messageId: message.id });
    await settled();
    expect(toldTo(bob, 'unread:updated')).toMatchObject([{ total: 2, mentions: 0, messages: 2, unreadFromSeq: 1 }]);
    expect(toldTo(carol, 'unread:updated')).toEqual([]);
    expect((await own(bob, group)).membership.unreadFromSeq).toBe(1);
  });

  it('of oneself counts nothing', async () => {
    const group = await openGroup(alice, [bob]);
    await send(alice, group, 'before');
    const message = await send(bob, group, 'note to myself', { mentions: [bob.id] });
    expect((await own(bob, group)).unread).toEqual({ messages: 1, mentions: 0 });
    await edit(bob, message, 'note to myself, and alice', [bob.id, alice.id]);
    await settled();
    expect((await own(bob, group)).unread).toEqual({ messages: 1, mentions: 0 });
    expect((await own(alice, group)).unread).toMatchObject({ mentions: 1 });
  });

  it('that one hides from oneself keeps its count and loses its notification', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const message = await send(alice, group, 'you two', { mentions: [bob.id, carol.id] });
    await settled();
    await bob.call('messages.delete', { messageId: message.id, for: 'me' });
    await settled();
    expect(await notifications(bob)).toEqual([]);
    expect(await notifications(carol)).toHaveLength(1);
    expect((await own(bob, group)).unread).toEqual({ messages: 1, mentions: 1 });
  });

  it('of everyone is told to nobody by themselves in a large group, and answered all the same', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const message = await send(alice, group, 'all, and bob', { mentions: ['@all', bob.id] });
    await settled();
    await app.sql('update conversation set member_count = 201 where id = $1', [group.id]);
    app.told.length = 0;
    await alice.call('messages.delete', { messageId: message.id });
    await settled();
    expect(toldTo(bob, 'unread:updated')).toMatchObject([{ mentions: 0 }]);
    expect(toldTo(carol, 'unread:updated')).toEqual([]);
    for (const who of [bob, carol]) expect((await own(who, group)).unread.mentions).toBe(0);
  });
});

/** What a client knows that adds one for a message that mentions it, and takes the server's word for the rest. */
function heldBy(me: string, groupId: string) {
  const held = { mentions: 0, notifications: new Set<string>(), unreadFromSeq: undefined as number | undefined };
  for (const { event, to, payload } of app.told) {
    if (event === 'message:new' && to['conversationId'] === groupId) {
      const { senderId, mentions = [] } = payload['message'];
      if (senderId !== me && (mentions.includes(me) || mentions.includes('@all'))) held.mentions += 1;
    }
    if (to['userId'] !== me) continue;
    if (event === 'unread:updated') {
      held.mentions = payload['mentions'];
      held.unreadFromSeq = payload['unreadFromSeq'];
    }
    if (event !== 'user:event') continue;
    const { kind, payload: entry } = payload;
    if (kind === 'notification.created') held.notifications.add(entry.notificationId);
    if (kind === 'notification.removed') held.notifications.delete(entry.notificationId);
    if (kind === 'membership.updated') held.unreadFromSeq = entry.unreadFromSeq;
  }
  return { ...held, notifications: [...held.notifications].toSorted() };
}

it('counts, events, sync and notifications agree, whatever is said, edited, deleted and read', async () => {
  const who = fc.integer({ min: 0, max: 2 });
  const whom = fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { maxLength: 3 });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('send' as const), who, whom, share, reply: fc.boolean() }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('edit' as const), whom, share }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), share }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), who, share }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('unread' as const), who, share }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
      const people = await newPeople();
      app.told.length = 0;
      const group = await openGroup(people[0], people.slice(1));
      // Those who may mention everyone.
      for (const { id: userId } of people.slice(1))
        await people[0].call('members.update', { conversationId: group.id, userId, role: 'moderator' });
      const sent: { author: Caller; message: Payload; deleted: boolean }[] = [];
      const names = (chosen: readonly number[]) => chosen.map((each) => people[each]?.id ?? '@all');
      for (const one of steps) {
        const target = sent[Math.min(Math.floor(one.share * sent.length), sent.length - 1)];
        const conversationId = group.id;
        if (one.do === 'send') {
          const author = people[one.who] as Caller;
          const replyTo = one.reply && target?.deleted === false ? { replyToId: target.message['id'] } : {};
          sent.push({ author, message: await send(author, group, 'x', { mentions: names(one.whom), ...replyTo }), deleted: false });
        } else if (target === undefined) continue;
        else if (one.do === 'read') {
          const item = { conversationId, readSeq: target.message['seq'] };
          const marked = people[one.who]?.call('receipts.mark', { items: [item] });
          await app.storage.receiptLog.settled();
          await marked;
        } else if (one.do === 'unread')
          await people[one.who]?.call('membership.markUnread', { conversationId, fromSeq: target.message['seq'] });
        else if (target.deleted) continue;
        else if (one.do === 'edit') await edit(target.author, target.message, `x ${one.share}`, names(one.whom));
        else {
          await target.author.call('messages.delete', { messageId: target.message['id'] });
          target.deleted = true;
        }
        await settled();
      }
      for (const person of people) {
        const [row] = await app.sql(
          `select count(x.seq)::int as mentions from member m left join message x on x.conversation_id = m.conversation_id
             and x.seq > coalesce(m.unread_from_seq - 1, m.read_seq) and x.sender_id <> m.user_id and x.deleted_at is null
             and (m.user_id = any(x.mentions) or x.mention_all)
           where m.conversation_id = $1 and m.user_id = $2`,
          [group.id, person.id],
        );
        const concerning = await app.sql(
          `select x.id from message x left join message o on o.conversation_id = x.conversation_id and o.seq = x.reply_to_seq
           where x.conversation_id = $1 and x.sender_id <> $2 and x.deleted_at is null
             and ($2 = any(x.mentions) or x.mention_all or o.sender_id = $2)`,
          [group.id, person.id],
        );
        const view = await own(person, group);
        const all = (await person.call('notifications.list', { limit: 100 })).items as Payload[];
        expect(view.unread.mentions).toBe(row.mentions);
        expect((await synced(person, group)).unread).toEqual(view.unread);
        expect((await notifications(person)).map(({ messageId }) => messageId).toSorted()).toEqual(
          concerning.map(({ id }) => id).toSorted(),
        );
        expect(heldBy(person.id, group.id)).toEqual({
          mentions: row.mentions,
          notifications: all.map(({ id }) => id).toSorted(),
          unreadFromSeq: view.membership.unreadFromSeq,
        });
      }
    }),
    { numRuns: app.engine === 'PostgreSQL' ? 25 : 8 },
  );
}, 120_000);
