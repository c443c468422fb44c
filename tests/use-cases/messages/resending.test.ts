import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openGroup, refusal, send } from '../calls.ts';

let app: TestApp;
let alice: Caller;
let bob: Caller;
let carol: Caller;
beforeAll(async () => {
  app = await openTestApp();
  [alice, bob, carol] = await Promise.all([app.person('alice'), app.person('bob'), app.person('carol')]);
});
afterAll(() => app.close());

describe('a resend', () => {
  it('is answered whatever would refuse it now', async () => {
    const group = await openGroup(alice, [bob, carol]);
    const root = await send(alice, group, 'root');
    const input = { clientMessageId: randomUUID(), replyToId: root.id, mentions: [carol.id] };
    const sent = await send(bob, group, 'text', input);
    await alice.call('members.remove', { conversationId: group.id, userId: carol.id });
    expect(await send(bob, group, 'text', input)).toEqual(sent);
    await alice.call('messages.delete', { messageId: root.id, for: 'everyone' });
    expect((await send(bob, group, 'text', input)).id).toBe(sent.id);
    await alice.call('members.remove', { conversationId: group.id, userId: bob.id });
    expect((await send(bob, group, 'text', input)).id).toBe(sent.id);
    expect(await refusal(send(bob, group, 'text'))).toBe('CONVERSATION_NOT_FOUND');
  });

  it('shows of what others wrote only what its sender may see now', async () => {
    const group = await openGroup(alice, [bob], { settings: { history: 'joined' } });
    const [early, other] = [await send(alice, group, 'early'), await send(alice, group, 'other')];
    const toEarly = { clientMessageId: randomUUID(), replyToId: early.id };
    const toOther = { clientMessageId: randomUUID(), replyToId: other.id };
    await send(bob, group, 'to early', toEarly);
    await send(bob, group, 'to other', toOther);
    await bob.call('messages.delete', { messageId: other.id, for: 'me' });
    expect((await send(bob, group, 'to other', toOther)).replyTo.content).toBeUndefined();
    await alice.call('members.remove', { conversationId: group.id, userId: bob.id });
    await alice.call('messages.edit', { messageId: early.id, content: 'among ourselves' });
    await alice.call('members.add', { conversationId: group.id, userIds: [bob.id] });
    expect((await send(bob, group, 'to early', toEarly)).replyTo).toMatchObject({ id: early.id });
    expect((await send(bob, group, 'to early', toEarly)).replyTo.content).toBeUndefined();
  });

  it('tells a member which reactions are their own, and a former one of none', async () => {
    const group = await openGroup(alice, [bob]);
    const more = { clientMessageId: randomUUID() };
    const sent = await send(bob, group, 'text', more);
    for (const who of [alice, bob]) await who.call('reactions.put', { messageId: sent.id, emoji: '👍' });
    expect((await send(bob, group, 'text', more)).reactions).toEqual([{ emoji: '👍', count: 2, mine: true }]);
    await alice.call('members.remove', { conversationId: group.id, userId: bob.id });
    expect((await send(bob, group, 'text', more)).reactions).toBeUndefined();
  });

  it('with another content is a conflict, from a member and from a former one', async () => {
    const group = await openGroup(alice, [bob]);
    const more = { clientMessageId: randomUUID() };
    await send(bob, group, 'one', more);
    expect(await refusal(send(bob, group, 'two', more))).toBe('CLIENT_MESSAGE_ID_CONFLICT');
    await alice.call('members.remove', { conversationId: group.id, userId: bob.id });
    expect(await refusal(send(bob, group, 'two', more))).toBe('CLIENT_MESSAGE_ID_CONFLICT');
  });

  it('×20 at once stores one message', async () => {
    const group = await openGroup(alice, [bob]);
    const more = { clientMessageId: randomUUID() };
    const sent = await Promise.all(Array.from({ length: 20 }, () => send(bob, group, 'once', more)));
    expect(new Set(sent.map((message) => message.seq))).toEqual(new Set([1]));
    expect((await bob.call('conversations.get', { conversationId: group.id })).lastSeq).toBe(1);
  });
});
