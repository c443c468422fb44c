import { randomUUID } from 'node:crypto';
import { hook } from '@coucou/application/kernel/hook';
import { messageStored } from '@coucou/application/messages/message-hooks';
import { MessageLog } from '@coucou/application/ports/message-log';
import { withRepositories } from '@coucou/application/ports/unit-of-work';
import { errors } from '@coucou/domain/kernel/errors';
import { asId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Caller, openTestApp, type TestApp } from '../../../tests/support/test-app.ts';
import { about, as, openDirect, openGroup, refusal, send } from '../../../tests/use-cases/calls.ts';
import { createPoll as createUseCase } from '../src/application/create-poll.ts';
import { pollPrepared } from '../src/application/poll-events.ts';
import { Polls } from '../src/application/poll-repository.ts';
import { Poll } from '../src/domain/poll.ts';
import { createPoll, get } from './polls.ts';

let app: TestApp;
let alice: Caller;
let bob: Caller;
let carol: Caller;
const passed: (string | undefined)[] = [];
const screen = hook({
  name: 'tests.screen',
  at: messageStored,
  deps: {},
  async run(_ports, message) {
    passed.push(message.content);
    return { ...message, content: message.content?.replace('rude', '****') };
  },
});
beforeAll(async () => {
  app = await openTestApp({ features: [{ name: 'tests', hooks: [screen] }] });
  [alice, bob, carol] = await Promise.all([app.person('alice'), app.person('bob'), app.person('carol')]);
});
beforeEach(() => {
  app.time.now = undefined;
  app.told.length = 0;
  passed.length = 0;
});
afterAll(() => app.close());

const rows = (conversation: { id: string }) => app.sql('select id from poll where conversation_id = $1', [conversation.id]);

describe('creating a poll', () => {
  it('posts a message whose id is the id of the poll', async () => {
    const group = await openGroup(alice, [bob]);
    app.told.length = 0;
    const closesAt = new Date(Date.now() + 60_000).toISOString();
    const message = await createPoll(bob, group, { options: [' The café ', 'The park', 'Home'], multiple: true, closesAt });
    expect(message).toMatchObject({
      conversationId: group.id,
      senderId: bob.id,
      type: 'custom',
      content: 'Where do we go?',
      seq: 1,
      poll: {
        question: 'Where do we go?',
        options: [
          { id: '1', text: 'The café', votes: 0 },
          { id: '2', text: 'The park', votes: 0 },
          { id: '3', text: 'Home', votes: 0 },
        ],
        multiple: true,
        anonymous: false,
        closesAt,
        closed: false,
      },
    });
    const own = { messageId: message.id, conversationId: group.id, version: message.version, poll: message.poll, choice: [] };
    expect(await get(alice, message)).toEqual(own);
    const shared = about(app, group).filter(({ event }) => event === 'message:new');
    expect(shared.map(({ payload }) => payload['message'])).toEqual([message]);
    expect((await alice.call('messages.list', { conversationId: group.id })).items).toEqual([message]);
  });

  it('is found by what it asks, counts as unread, and notifies as any message does', async () => {
    const group = await openGroup(alice, [bob]);
    const word = `zanzibar${randomUUID().slice(0, 8)}`;
    const message = await createPoll(alice, group, { question: `Shall we go to ${word}?` });
    await app.settled();
    const { items } = await bob.call('messages.search', { q: word });
    expect(items).toMatchObject([{ id: message.id, poll: message.poll }]);
    expect(await bob.call('conversations.get', { conversationId: group.id })).toMatchObject({
      unread: { messages: 1 },
      lastMessage: { id: message.id },
    });
  });

  it('again under the same clientMessageId answers the same message, whatever would refuse it now', async () => {
    const group = await openGroup(alice, [bob]);
    const input = { clientMessageId: randomUUID(), closesAt: new Date(Date.now() + 60_000).toISOString() };
    const message = await createPoll(bob, group, input);
    expect(await createPoll(bob, group, input)).toEqual(message);
    await alice.call('members.remove', { conversationId: group.id, userId: bob.id });
    app.time.now = new Date(Date.now() + 120_000);
    expect(await createPoll(bob, group, input)).toEqual(message);
    expect(await refusal(createPoll(bob, group, { ...input, question: 'Else?' }))).toBe('CLIENT_MESSAGE_ID_CONFLICT');
    expect(await refusal(send(bob, group, 'x', { clientMessageId: input.clientMessageId }))).toBe('CLIENT_MESSAGE_ID_CONFLICT');
    expect(await rows(group)).toEqual([{ id: message.id }]);
  });

  it('×10 at once under one clientMessageId is one poll', async () => {
    const group = await openGroup(alice, [bob]);
    const clientMessageId = randomUUID();
    const made = await Promise.all(Array.from({ length: 10 }, () => createPoll(alice, group, { clientMessageId })));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(await rows(group)).toEqual([{ id: made[0]?.id }]);
  });

  it('passes every text through the hooks that messages pass', async () => {
    const group = await openGroup(alice, [bob]);
    const message = await createPoll(alice, group, { question: 'rude?', options: ['rude', 'polite'] });
    expect(passed.toSorted()).toEqual(['polite', 'rude', 'rude?']);
    expect(message).toMatchObject({ content: '****?', poll: { question: '****?', options: [{ text: '****' }, { text: 'polite' }] } });
    expect((await get(bob, message)).poll).toEqual(message.poll);
  });

  it.each<[string, Record<string, unknown>]>([
    ['one option', { options: ['one'] }],
    ['21 options', { options: Array.from({ length: 21 }, (_, index) => `${index}`) }],
    ['an option twice', { options: ['same', ' same '] }],
    ['an option that shows nothing', { options: ['\u200b', 'b'] }],
    ['an option of 101 characters', { options: ['x'.repeat(101), 'b'] }],
    ['a question of 301 characters', { question: 'x'.repeat(301) }],
    ['a question that shows nothing', { question: ' ' }],
    ['a question of two lines', { question: 'a\nb' }],
    ['a time that is past', { closesAt: '2020-01-01T00:00:00.000Z' }],
    ['a time more than a year ahead', { closesAt: '2999-01-01T00:00:00.000Z' }],
    ['a time that is none', { closesAt: 'tomorrow' }],
    ['an unknown key', { secret: true }],
  ])('refuses %s', async (_, more) => {
    const group = await openGroup(alice, [bob]);
    expect(await refusal(createPoll(alice, group, more))).toBe('VALIDATION_FAILED');
    expect(await rows(group)).toEqual([]);
  });

  it('has a question as long as a message may be, and takes the path of its own field', async () => {
    const group = await openGroup(alice, [bob]);
    const { mostText } = app.settings;
    app.settings.mostText = 10;
    try {
      await expect(createPoll(alice, group, { question: 'Where to go?' })).rejects.toMatchObject({
        code: 'VALIDATION_FAILED',
        details: [{ path: ['question'], rule: 'custom', message: 'must have 1 to 10 characters' }],
      });
      expect(await rows(group)).toEqual([]);
      expect(await createPoll(alice, group, { question: 'Where to?' })).toMatchObject({ content: 'Where to?' });
    } finally {
      app.settings.mostText = mostText;
    }
  });

  it('is for those who may post, and leaves nothing behind where it is refused', async () => {
    const quiet = await openGroup(alice, [bob], { settings: { announcementsOnly: true } });
    expect(await refusal(createPoll(bob, quiet))).toBe('POSTING_NOT_ALLOWED');
    expect(await refusal(createPoll(carol, quiet))).toBe('CONVERSATION_NOT_FOUND');
    expect(await refusal(createPoll(carol, { id: randomUUID() }))).toBe('CONVERSATION_NOT_FOUND');
    expect(await refusal(createPoll(await app.person('eve', await app.account()), quiet))).toBe('CONVERSATION_NOT_FOUND');

    const slow = await openGroup(alice, [bob], { settings: { slowModeSeconds: 600 } });
    const first = await createPoll(bob, slow);
    expect(await refusal(createPoll(bob, slow))).toBe('SLOW_MODE');
    const dan = await app.person('dan');
    const direct = await openDirect(alice, dan);
    await dan.call('blocks.put', { userId: alice.id });
    expect(await refusal(createPoll(alice, direct))).toBe('POSTING_NOT_ALLOWED');
    expect([await rows(quiet), await rows(slow), await rows(direct)]).toEqual([[], [{ id: first.id }], []]);
  });
});

describe('a poll whose message was never posted', () => {
  const past = new Date(Date.now() - 3_600_000);

  it('is removed once that is certain, and one whose message is there stays', async () => {
    const group = await openGroup(alice, [bob]);
    const uow = withRepositories(app.storage.transactions, { polls: Polls });
    const unposted = Poll.create(
      {
        accountId: alice.account,
        conversationId: asId(group.id),
        id: asId(randomUUID()),
        createdBy: alice.id,
        question: 'Lost?',
        options: ['a', 'b'],
        multiple: false,
        anonymous: false,
        closesAt: undefined,
      },
      past,
    );
    await uow.write(alice.account, async (tx) => {
      await tx.polls.add(unposted);
      tx.emit(pollPrepared({ poll: unposted, checkAt: past }));
    });
    expect(await refusal(get(alice, unposted))).toBe('POLL_NOT_FOUND');
    app.time.now = past;
    const posted = await createPoll(alice, group);
    await app.settled();
    expect(await rows(group)).toEqual([{ id: posted.id }]);
  });

  const append = () => Promise.reject(errors.SERVICE_UNAVAILABLE());

  it('keeps its row while nobody knows whether it was posted', async () => {
    const group = await openGroup(alice, [bob]);
    const ports = { ...app.container.portsOf(createUseCase.deps), log: { ...app.container.resolve(MessageLog), append } };
    const input = {
      conversationId: asId<'conversation'>(group.id),
      question: 'Lost?',
      options: ['a', 'b'],
      multiple: false,
      anonymous: false,
    };
    app.time.now = past;
    await expect(createUseCase.run(ports, input, as(alice.account, alice.id))).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(await rows(group)).toHaveLength(1);
    await app.settled();
    expect(await rows(group)).toEqual([]);
  });
});
