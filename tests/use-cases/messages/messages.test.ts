import { addMembers } from '@coucou/application/conversations/add-members';
import { createConversation } from '@coucou/application/conversations/create-conversation';
import { listConversations } from '@coucou/application/conversations/list-conversations';
import { removeMember } from '@coucou/application/conversations/remove-member';
import { listMessages } from '@coucou/application/messages/list-messages';
import { type SendMessage, sendMessage } from '@coucou/application/messages/send-message';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPeople, ids, range } from '../../support/fixtures.ts';
import { openTestApp, type TestApp } from '../../support/test-app.ts';
import { as } from '../calls.ts';

let app: TestApp;
let account: AccountId;
let id: ConversationId;
let [alice, bob, carol, dan] = [] as unknown as [UserId, UserId, UserId, UserId];
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
/** Alice's group with Bob and Carol. */
beforeEach(async () => {
  ({ account, alice, bob, carol, dan } = await createPeople(app.uow, 'alice', 'bob', 'carol', 'dan'));
  const input = { type: 'group', title: 'Holidays', memberIds: [bob, carol] } as const;
  id = (await app.run(createConversation, input, as(account, alice))).view.conversation.id;
  app.events.length = 0;
});

const send = (by: UserId, input: Partial<SendMessage> = {}) =>
  app.run(sendMessage, { conversationId: id, type: 'text', content: 'hello', ...input }, as(account, by));
const removeBob = () => app.run(removeMember, { conversationId: id, userId: bob }, as(account, alice));
const addBack = (userId: UserId) => app.run(addMembers, { conversationId: id, userIds: [userId] }, as(account, alice));
const history = async (by: UserId, conversationId = id) =>
  (await app.run(listMessages, { conversationId, limit: 100 }, as(account, by))).items.map((message) => message.content);
const posted = () => app.events.filter((event) => event.type === 'message.posted');
const notFound = { code: 'CONVERSATION_NOT_FOUND', kind: 'not_found' };

describe('sending', () => {
  it('stores the message and tells of it once', async () => {
    const sent = await send(alice, { type: 'custom', content: undefined, data: { poll: ['yes', 'no'] }, clientMessageId: ids.next() });
    expect(sent).toMatchObject({ duplicate: false, message: { seq: 1, senderId: alice, type: 'custom', data: { poll: ['yes', 'no'] } } });
    const items = [{ userId: alice, readSeq: 1, deliveredSeq: 1 }];
    expect(app.events).toEqual([
      { type: 'message.posted', message: sent.message, accessVersion: 1 },
      { type: 'receipts.moved', conversationId: id, receiptsVersion: 1, items, only: alice },
    ]);
    expect(await history(bob)).toEqual([undefined]);
  });

  it("keeps the order of each person's calls, and of all of them once it knows the people", async () => {
    const burst = (from: number) => Promise.all(range(from, from + 29).map((i) => send(i % 2 === 0 ? alice : bob, { content: `${i}` })));
    const seqsOf = (sent: Awaited<ReturnType<typeof burst>>, by: UserId) =>
      sent.filter(({ message }) => message.senderId === by).map(({ message }) => message.seq);
    const cold = await burst(1);
    for (const by of [alice, bob]) expect(seqsOf(cold, by)).toEqual(seqsOf(cold, by).toSorted((a, b) => a - b));
    const warm = await burst(31);
    expect(warm.map(({ message }) => message.seq)).toEqual(range(31, 60));
    expect((await history(carol)).slice(30)).toEqual(range(31, 60).map(String));
  });

  it('counts for the others, and not for the sender', async () => {
    await send(alice);
    await send(bob);
    const unread = async (by: UserId) => (await app.run(listConversations, { limit: 1 }, as(account, by))).items[0]?.unread.messages;
    expect([await unread(alice), await unread(bob), await unread(carol)]).toEqual([1, 1, 2]);
  });

  it.each([
    ['blank text', { content: ' ' }],
    ['custom without data', { type: 'custom', content: undefined } as const],
  ])('refuses %s', async (_, input) => {
    await expect(send(alice, input)).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('hides the conversation from those who are no members', async () => {
    await expect(send(dan)).rejects.toMatchObject(notFound);
    await expect(send(alice, { conversationId: ids.next() })).rejects.toMatchObject(notFound);
    await expect(send(alice, { conversationId: undefined })).rejects.toMatchObject(notFound);
    const elsewhere = await createPeople(app.uow, 'alice');
    await expect(
      app.run(sendMessage, { conversationId: id, type: 'text', content: 'hello' }, as(elsewhere.account, alice)),
    ).rejects.toMatchObject(notFound);
  });

  it('goes on where it may after others came, with what it knew before', async () => {
    await send(alice);
    await addBack(dan);
    expect(await send(alice)).toMatchObject({ message: { seq: 2, version: 4 } });
    expect(posted().at(-1)).toMatchObject({ accessVersion: 2 });
  });

  it('ends with the removal, however warm the cache', async () => {
    await send(bob);
    await removeBob();
    await expect(send(bob)).rejects.toMatchObject(notFound);
    await expect(history(bob)).rejects.toMatchObject(notFound);
    await addBack(bob);
    expect(await send(bob)).toMatchObject({ duplicate: false, message: { seq: 2 } });
  });

  it('is open to someone who was refused before they joined', async () => {
    await expect(send(dan)).rejects.toMatchObject(notFound);
    await addBack(dan);
    expect(await send(dan)).toMatchObject({ message: { seq: 1 } });
  });

  it('races a removal: whoever was answered is stored, and nothing after the removal', async () => {
    await send(bob, { content: 'before' });
    const racing = range(1, 20).map((i) => send(bob, { content: `${i}` }));
    const removal = removeBob();
    const results = await Promise.allSettled([...racing, removal]);
    const answered = results.slice(0, 20).flatMap((result, i) => (result.status === 'fulfilled' ? [`${i + 1}`] : []));
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect(refused.filter((code) => code !== 'CONVERSATION_NOT_FOUND')).toEqual([]);
    expect(await history(alice)).toEqual(['before', ...answered]);
    await expect(send(bob)).rejects.toMatchObject(notFound);
  });
});

describe('a resend', () => {
  it('is answered with the message as stored, and told to nobody', async () => {
    const clientMessageId = ids.next();
    const first = await send(bob, { clientMessageId });
    expect(await send(bob, { clientMessageId })).toEqual({ message: first.message, duplicate: true });
    expect(posted()).toHaveLength(1);
  });

  it('with another input is refused', async () => {
    const clientMessageId = ids.next();
    await send(bob, { clientMessageId });
    await expect(send(bob, { clientMessageId, content: 'other' })).rejects.toMatchObject({
      code: 'CLIENT_MESSAGE_ID_CONFLICT',
      kind: 'invalid',
    });
  });

  it.each(['warm', 'cold'])('is answered after the sender was removed, with a %s cache', async (cache) => {
    const clientMessageId = ids.next();
    const first = await send(bob, { clientMessageId });
    await removeBob();
    // The refusal of another message makes the cache forget that Bob was a member.
    if (cache === 'cold') await send(bob).catch(() => {});
    expect(await send(bob, { clientMessageId })).toEqual({ message: first.message, duplicate: true });
    await expect(send(bob, { clientMessageId, content: 'other' })).rejects.toMatchObject({ code: 'CLIENT_MESSAGE_ID_CONFLICT' });
    await expect(send(bob, { clientMessageId: ids.next() })).rejects.toMatchObject(notFound);
    expect(posted()).toHaveLength(1);
  });

  it('twenty times at once is one message and one event', async () => {
    const clientMessageId = ids.next();
    const sent = await Promise.all(range(1, 20).map(() => send(bob, { clientMessageId })));
    expect(new Set(sent.map(({ message }) => message.id)).size).toBe(1);
    expect(sent.filter(({ duplicate }) => !duplicate)).toHaveLength(1);
    expect(posted()).toHaveLength(1);
  });
});

describe('sending to a person', () => {
  it('opens the direct conversation of the two', async () => {
    const { message } = await send(alice, { conversationId: undefined, toUserId: dan });
    expect(await history(dan, message.conversationId)).toEqual(['hello']);
    expect(app.events.map((event) => event.type)).toEqual(['conversation.created', 'message.posted', 'receipts.moved']);
    const back = await send(dan, { conversationId: undefined, toUserId: alice });
    expect(back.message).toMatchObject({ conversationId: message.conversationId, seq: 2 });
  });

  it('crosses with theirs in one conversation', async () => {
    const sent = await Promise.all([
      ...range(1, 5).map(() => send(alice, { conversationId: undefined, toUserId: dan })),
      ...range(1, 5).map(() => send(dan, { conversationId: undefined, toUserId: alice })),
    ]);
    expect(new Set(sent.map(({ message }) => message.conversationId)).size).toBe(1);
    expect(sent.map(({ message }) => message.seq).toSorted((a, b) => a - b)).toEqual(range(1, 10));
  });

  it('needs someone who is there', async () => {
    await expect(send(alice, { conversationId: undefined, toUserId: ids.next() })).rejects.toMatchObject({ code: 'USER_NOT_FOUND' });
    await expect(send(alice, { conversationId: undefined, toUserId: alice })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });
});

describe('reading', () => {
  it('takes a seq or a time, and one side at a time', async () => {
    const sent = await Promise.all(range(1, 9).map(() => send(alice)));
    const seqs = async (input: object) =>
      (await app.run(listMessages, { conversationId: id, limit: 2, ...input }, as(account, bob))).items.map((message) => message.seq);
    expect(await seqs({})).toEqual([8, 9]);
    expect(await seqs({ before: 5 })).toEqual([3, 4]);
    expect(await seqs({ after: 5 })).toEqual([6, 7]);
    expect(await seqs({ around: 5 })).toEqual([4, 5]);
    expect(await seqs({ after: '1970-01-01T00:00:00.000Z' })).toEqual([1, 2]);
    expect(await seqs({ before: sent[0]?.message.createdAt.toISOString() })).toEqual([]);
  });

  it('is for members', async () => {
    await expect(history(dan)).rejects.toMatchObject(notFound);
  });
});
