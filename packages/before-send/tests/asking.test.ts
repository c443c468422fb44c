import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { answer, openReceiver, type Receiver } from '../../../tests/support/webhook-receiver.ts';
import { openDirect, openGroup, refusal, send } from '../../../tests/use-cases/calls.ts';
import { ACCEPT, asked, create, openHookApp, says, twoPeople } from './hook.ts';

let app: TestApp;
let alice: Caller;
let bob: Caller;
let room: Payload;
let receiver: Receiver;
let secret: string;
beforeAll(async () => {
  app = await openHookApp();
});
beforeEach(async () => {
  [alice, bob] = await twoPeople(app);
  room = await openGroup(alice, [bob]);
  receiver = await openReceiver({ behaviour: ACCEPT });
  ({ secret } = await create(alice, receiver.url));
});
afterEach(() => receiver.close());
afterAll(() => app.close());

const stored = async (conversation = room): Promise<Payload[]> =>
  (await alice.call('messages.list', { conversationId: conversation.id, limit: 50 })).items.filter(
    ({ type }: Payload) => type !== 'system',
  );
const contents = async (conversation = room): Promise<string[]> => (await stored(conversation)).map(({ content }) => content);
const edit = (messageId: string, content: string, by = bob): Promise<Payload> => by.call('messages.edit', { messageId, content });

describe('the hook is asked', () => {
  it('about each message, by a signed request that says all there is to judge', async () => {
    const first = await send(alice, room, 'hello');
    const clientMessageId = randomUUID();
    const written = { clientMessageId, data: { color: 'teal' }, mentions: [alice.id, '@all'], replyToId: first.id };
    const message = await send(alice, room, 'and more', written);
    expect(message).toMatchObject({ content: 'and more', data: { color: 'teal' }, clientMessageId });
    const [, told] = receiver.verified(secret);
    expect(told).toEqual({
      type: 'message.before_send',
      timestamp: expect.any(String),
      data: {
        action: 'send',
        accountId: alice.account,
        conversation: { id: room.id, type: 'group' },
        senderId: alice.id,
        message: {
          clientMessageId,
          type: 'text',
          content: 'and more',
          data: { color: 'teal' },
          attachments: [],
          mentions: [alice.id, '@all'],
          replyToId: first.id,
          forwarded: false,
        },
      },
    });
  });

  it('about files, without their URLs', async () => {
    // Attachments of tests are in the default account.
    const carol = await app.person('carol', undefined, 'owner');
    const attachmentId = await app.attachment(carol);
    await create(carol, receiver.url);
    await send(carol, await openGroup(carol), 'a picture', { type: 'image', attachmentIds: [attachmentId] });
    await carol.call('admin.deleteBeforeSendHook');
    const attachments = [{ id: attachmentId, name: 'a.png', type: 'image/png', size: 3 }];
    expect(asked(receiver)).toMatchObject([{ message: { type: 'image', content: 'a picture' } }]);
    expect(asked(receiver)[0]?.message.attachments).toEqual(attachments);
  });

  it('about an edit, which is no way around it', async () => {
    const message = await send(bob, room, 'hello');
    receiver.behave(says({ action: 'refuse', reason: 'No edits today.' }));
    await expect(edit(message.id, 'something else')).rejects.toMatchObject({
      code: 'MESSAGE_REFUSED',
      details: { reason: 'No edits today.' },
    });
    receiver.behave(says({ action: 'change', content: 'something milder' }));
    expect(await edit(message.id, 'something else')).toMatchObject({ content: 'something milder', version: expect.any(Number) });
    expect(asked(receiver).at(-1)).toMatchObject({
      action: 'edit',
      conversation: { id: room.id, type: 'group' },
      senderId: bob.id,
      message: { id: message.id, content: 'something else' },
    });
    receiver.behave(says({ action: 'change', data: { no: 'edit changes data' } }));
    expect(await refusal(edit(message.id, 'again'))).toBe('HOOK_UNAVAILABLE');
  });

  it('on every way of writing', async () => {
    const texts = () => asked(receiver).map(({ message }) => message.content);
    const direct = await openDirect(alice, bob);
    const first = await send(alice, direct, 'a message');
    expect(asked(receiver).at(-1)).toMatchObject({ conversation: { id: direct.id, type: 'direct' } });
    await send(alice, room, 'in a thread', { threadRootId: (await send(alice, room, 'a root')).id });
    const { items } = await alice.call('forwards.create', { messageId: first.id, conversationIds: [room.id] });
    expect([texts().at(-1), items[0].content]).toEqual(['a message', 'a message']);
    expect(asked(receiver).at(-1)?.message.forwarded).toBe(true);
    await alice.call('polls.create', { conversationId: room.id, question: 'Where?', options: ['here', 'there'] });
    expect(texts().slice(-3).toSorted()).toEqual(['Where?', 'here', 'there']);
    const connector = { kind: 'incomingWebhook' };
    const { secret: token } = await alice.call('admin.createIntegration', {
      name: 'Alerts',
      conversationId: room.id,
      connector,
      userId: bob.id,
    });
    await app.visitor(alice.account).call('integrations.post', { token, content: 'from outside' });
    expect(asked(receiver).at(-1)).toMatchObject({ senderId: bob.id, message: { content: 'from outside' } });
    const carol = await app.person('carol', alice.account);
    const opened = await alice.call('messages.send', { toUserId: carol.id, content: 'the first one' });
    expect(asked(receiver).at(-1)).toMatchObject({
      conversation: { id: opened.conversationId, type: 'direct' },
      message: { content: 'the first one' },
    });
    const known = receiver.requests.length;
    await alice.call('scheduled.create', {
      conversationId: room.id,
      content: 'later',
      sendAt: new Date(Date.now() + 3_600_000).toISOString(),
    });
    expect(receiver.requests).toHaveLength(known);
    await app.dueNow();
    await app.settled();
    expect(texts().slice(known)).toEqual(['later']);
    expect(await contents()).toContain('later');
  });

  it('about nothing that the server writes, and nothing in other conversations than it is for', async () => {
    await alice.call('admin.updateBeforeSendHook', { conversationTypes: ['direct'] });
    await send(alice, room, 'in a group');
    await alice.call('members.add', { conversationId: room.id, userIds: [(await app.person('carol', alice.account)).id] });
    await alice.call('conversations.update', { conversationId: room.id, title: 'Another title' });
    expect(receiver.requests).toEqual([]);
    await send(alice, await openDirect(alice, bob), 'between two');
    expect(asked(receiver).map(({ message }) => message.content)).toEqual(['between two']);
  });

  it('about nothing that is refused anyway, and a stranger learns nothing by it', async () => {
    const carol = await app.person('carol', alice.account);
    receiver.behave(says({ action: 'refuse' }));
    const unknown = [room.id, randomUUID()].map((id) => refusal(send(carol, { id }, 'let me in')));
    expect(await Promise.all(unknown)).toEqual(['CONVERSATION_NOT_FOUND', 'CONVERSATION_NOT_FOUND']);
    expect(await refusal(send(bob, room, '@all', { mentions: ['@all'] }))).toBe('MENTION_INVALID');
    expect(receiver.requests).toEqual([]);
  });

  it('not while it is disabled, nor once it is deleted', async () => {
    await alice.call('admin.updateBeforeSendHook', { enabled: false });
    await send(alice, room, 'one');
    await alice.call('admin.updateBeforeSendHook', { enabled: true });
    await send(alice, room, 'two');
    await alice.call('admin.deleteBeforeSendHook');
    await send(alice, room, 'three');
    expect(asked(receiver).map(({ message }) => message.content)).toEqual(['two']);
  });
});

describe('what it answers', () => {
  it('takes the place of text and data, for everybody', async () => {
    receiver.behave(says({ action: 'change', content: 'h*llo', data: { masked: 1 } }));
    expect(await send(bob, room, 'hello', { data: { masked: 0 } })).toMatchObject({ content: 'h*llo', data: { masked: 1 } });
    receiver.behave(says({ action: 'change', data: { language: 'en' } }));
    expect(await send(bob, room, 'hello')).toMatchObject({ content: 'hello', data: { language: 'en' } });
    expect(await contents()).toEqual(expect.arrayContaining(['h*llo', 'hello']));
  });

  it('refuses, with a reason for the sender, and nothing is stored', async () => {
    receiver.behave(says({ action: 'refuse', reason: 'No phone numbers, please.' }));
    await expect(send(bob, room, '555 0100')).rejects.toMatchObject({
      code: 'MESSAGE_REFUSED',
      kind: 'forbidden',
      details: { reason: 'No phone numbers, please.' },
    });
    const carol = await app.person('carol', alice.account);
    expect(await refusal(alice.call('messages.send', { toUserId: carol.id, content: 'hello' }))).toBe('MESSAGE_REFUSED');
    expect(await stored()).toEqual([]);
    expect((await carol.call('conversations.list', { limit: 10 })).items).toEqual([]);
  });

  it('is judged by word list and rules like any other text', async () => {
    await alice.call('admin.putWord', { word: 'darn', action: 'mask' });
    await alice.call('admin.putWord', { word: 'blasted', action: 'reject' });
    receiver.behave(says({ action: 'change', content: 'darn it' }));
    expect(await send(bob, room, 'hello')).toMatchObject({ content: '**** it' });
    receiver.behave(says({ action: 'change', content: 'blasted thing' }));
    expect(await refusal(send(bob, room, 'hello'))).toBe('POSTING_NOT_ALLOWED');
    expect(asked(receiver).map(({ message }) => message.content)).toEqual(['hello', 'hello']);
  });

  it('does not change what is stored: a resend answers that', async () => {
    const clientMessageId = randomUUID();
    receiver.behave(says({ action: 'change', content: 'the first answer' }));
    const first = await send(bob, room, 'hello', { clientMessageId });
    const again = () => send(bob, room, 'hello', { clientMessageId });
    for (const behaviour of [says({ action: 'change', content: 'another' }), says({ action: 'refuse' }), answer(500)]) {
      receiver.behave(behaviour);
      expect(await again()).toEqual(first);
    }
    expect(await stored()).toHaveLength(1);
    const forward = { messageId: first.id, conversationIds: [room.id], clientMessageId: randomUUID() };
    receiver.behave(ACCEPT);
    const { items } = await bob.call('forwards.create', forward);
    receiver.behave(answer(500));
    expect((await bob.call('forwards.create', forward)).items).toEqual(items);
    // What was never stored is not there by being sent again.
    expect(await refusal(send(bob, room, 'new', { clientMessageId: randomUUID() }))).toBe('HOOK_UNAVAILABLE');
  });
});
