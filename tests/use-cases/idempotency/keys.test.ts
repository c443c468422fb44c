import { randomUUID } from 'node:crypto';
import { after, before, hook } from '@coucou/application/kernel/hook';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { Users } from '@coucou/application/users/repositories';
import { createConversation } from '@coucou/contracts/conversations/create-conversation';
import { updateMe } from '@coucou/contracts/users/update-me';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openDirect, openGroup, refusal, send } from '../calls.ts';

/** What an idempotency key promises, on both engines. */

const told: Payload[] = [];
let beforeUpdate: (account: Caller['account']) => Promise<void> = async () => {};
const hooks = [
  hook({ name: 'tests.after', at: after(createConversation), deps: {}, run: async (_ports, value) => void told.push(value) }),
  hook({
    name: 'tests.before',
    at: before(updateMe),
    deps: { uow: unitOfWork({ users: Users }) },
    run: async ({ uow }, _input, call) => {
      await beforeUpdate(call.account);
      await uow.write(call.account, async () => {});
    },
  }),
];

let app: TestApp;
let alice: Caller;
let bob: Caller;
beforeAll(async () => {
  app = await openTestApp({ features: [{ name: 'tests', hooks }] });
});
afterAll(() => app.close());
beforeEach(async () => {
  [alice, bob] = [await app.person('alice'), await app.person('bob')];
  beforeUpdate = async () => {};
  told.length = 0;
  app.events.length = 0;
});

const keyed = (idempotencyKey: string = randomUUID()) => ({ idempotencyKey });
const group = { type: 'group', title: 'Once' };
const groupsOf = async (who: Caller): Promise<Payload[]> => (await who.call('conversations.list')).items;
const recordsOf = (who: Caller) => app.sql('select * from idempotency_record where caller_id = $1', [who.id]);

describe('a key', () => {
  it('makes a call take effect once, and answers the same to each', async () => {
    const key = keyed();
    const first = await alice.execute('conversations.create', group, key);
    expect(first).toMatchObject({ status: 201, body: { title: 'Once' } });
    expect(first.replayed).toBeUndefined();
    expect(await alice.execute('conversations.create', group, key)).toEqual({ ...first, replayed: true });
    expect(await groupsOf(alice)).toHaveLength(1);
    expect(app.events.filter(({ type }) => type === 'conversation.created')).toHaveLength(1);
  });

  it('answers what was answered, whatever has happened since', async () => {
    const key = keyed();
    const first = await alice.execute('conversations.create', group, key);
    await alice.call('conversations.update', { conversationId: first.body.id, title: 'Renamed' });
    expect((await alice.execute('conversations.create', group, key)).body).toEqual(first.body);
    await alice.call('conversations.delete', { conversationId: first.body.id });
    expect((await alice.execute('conversations.create', group, key)).body).toEqual(first.body);
  });

  it('stands for one request: the same in another spelling is the same', async () => {
    const key = keyed();
    const { id } = await openGroup(alice, [bob]);
    const input = { conversationId: id, userId: bob.id };
    const first = await alice.execute('members.remove', input, key);
    expect(first.status).toBe(204);
    const again = { userId: bob.id.toUpperCase(), conversationId: id.toUpperCase() };
    expect(await alice.execute('members.remove', again, key)).toEqual({ ...first, replayed: true });
  });

  it.each([
    ['another body', 'conversations.create', { ...group, title: 'Twice' }],
    ['one field more', 'conversations.create', { ...group, description: 'x' }],
    ['another operation', 'users.updateMe', { displayName: 'Alice' }],
  ])('is refused for %s', async (_, operation, input) => {
    const key = keyed();
    await alice.execute('conversations.create', group, key);
    expect(await refusal(alice.execute(operation, input, key))).toBe('IDEMPOTENCY_KEY_CONFLICT');
    expect(await groupsOf(alice)).toHaveLength(1);
  });

  it('is refused for the same call on something else: what is in the path is part of the request', async () => {
    const key = keyed();
    const [one, two] = [await openGroup(alice), await openGroup(alice)];
    await alice.execute('conversations.leave', { conversationId: one.id }, key);
    expect(await refusal(alice.execute('conversations.leave', { conversationId: two.id }, key))).toBe('IDEMPOTENCY_KEY_CONFLICT');
  });

  it("is its caller's own: another person, another account and an API key have theirs", async () => {
    const key = keyed('the same for all');
    const elsewhere = await app.person('olga', await app.account());
    for (const person of [alice, bob, elsewhere])
      expect((await person.execute('conversations.create', group, key)).replayed).toBeUndefined();
    const admin = await app.person('adam', alice.account, 'admin');
    const server = app.byKey(['users:write']);
    expect((await admin.execute('admin.suspendUser', { userId: bob.id }, key)).replayed).toBeUndefined();
    expect((await server.execute('admin.restoreUser', { userId: bob.id }, key)).replayed).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['256 characters', 'k'.repeat(256)],
    ['a line feed', 'a\nb'],
    ['NUL', 'a\u0000b'],
    ['DEL', 'a\u007fb'],
    ['a C1 control character', 'a\u0085b'],
    ['a line separator', 'a\u2028b'],
    ['half a surrogate pair', 'a\ud800b'],
  ])('of %s is refused, and nothing happens', async (_, key) => {
    expect(await refusal(alice.execute('conversations.create', group, keyed(key)))).toBe('IDEMPOTENCY_KEY_INVALID');
    expect(await refusal(alice.execute('messages.send', { conversationId: randomUUID(), content: 'x' }, keyed(key)))).toBe(
      'IDEMPOTENCY_KEY_INVALID',
    );
    expect(await groupsOf(alice)).toEqual([]);
  });

  it.each([
    ['one character', 'k'],
    ['255 characters', 'k'.repeat(255)],
    ['255 characters beyond the basic plane', '😀'.repeat(255)],
    ['a string of RFC 8941', '"6b7c1e0f"'],
    ['text in any script', 'a key: né à 東京'],
  ])('may be %s', async (_, key) => {
    await alice.execute('conversations.create', group, keyed(key));
    expect((await alice.execute('conversations.create', group, keyed(key))).replayed).toBe(true);
  });

  it('is looked at after who calls is known, and what they ask for is valid', async () => {
    const key = keyed();
    await alice.execute('conversations.create', group, key);
    const visitor = app.visitor();
    expect(await refusal(visitor.execute('conversations.create', group, key))).toBe('UNAUTHENTICATED');
    expect(await refusal(alice.execute('conversations.create', { type: 'group' }, key))).toBe('VALIDATION_FAILED');
  });

  it('is ignored where the operation takes none', async () => {
    const { id } = await openGroup(alice);
    const marks = { items: [{ conversationId: id, readSeq: 0 }] };
    for (const key of [keyed('\n'), keyed('one'), keyed('one')]) {
      expect((await alice.execute('conversations.get', { conversationId: id }, key)).replayed).toBeUndefined();
      expect((await alice.execute('receipts.mark', marks, key)).replayed).toBeUndefined();
    }
    expect(await recordsOf(alice)).toEqual([]);
  });
});

describe('a refused call', () => {
  it('has no effect and is not kept: the next one with its key decides anew', async () => {
    const key = keyed();
    const { id } = await openGroup(bob, []);
    const join = { conversationId: id };
    expect(await refusal(alice.execute('conversations.join', join, key))).toBe('CONVERSATION_NOT_FOUND');
    await bob.call('conversations.update', { conversationId: id, visibility: 'public' });
    const joined = await alice.execute('conversations.join', join, key);
    expect(joined.replayed).toBeUndefined();
    expect(await alice.execute('conversations.join', join, key)).toEqual({ ...joined, replayed: true });
  });

  it('may be another request under the key, since nothing was done under it', async () => {
    const key = keyed();
    expect(await refusal(alice.execute('friends.request', { userId: randomUUID() }, key))).toBe('USER_NOT_FOUND');
    expect((await alice.execute('friends.request', { userId: bob.id }, key)).status).toBe(201);
  });

  it('is answered as before when it is what it did itself that refuses it now', async () => {
    const key = keyed();
    const { id } = await openGroup(alice, [bob]);
    const first = await bob.execute('conversations.leave', { conversationId: id }, key);
    expect(await refusal(bob.call('conversations.leave', { conversationId: id }))).toBe('CONVERSATION_NOT_FOUND');
    expect(await bob.execute('conversations.leave', { conversationId: id }, key)).toEqual({ ...first, replayed: true });
  });
});

describe('a call with a key', () => {
  it('that finds nothing to do is done once all the same', async () => {
    const key = keyed();
    const { id } = await openGroup(bob, [], { visibility: 'public' });
    await alice.call('conversations.join', { conversationId: id });
    const first = await alice.execute('conversations.join', { conversationId: id }, key);
    await alice.call('conversations.leave', { conversationId: id });
    expect(await alice.execute('conversations.join', { conversationId: id }, key)).toEqual({ ...first, replayed: true });
    expect(await refusal(alice.call('messages.list', { conversationId: id }))).toBe('CONVERSATION_NOT_FOUND');
  });

  it('takes effect once among twenty at the same time', async () => {
    const key = keyed();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () =>
        alice.execute('conversations.create', group, key).then(
          ({ body }) => body.id as string,
          ({ code }: { code: string }) => code,
        ),
      ),
    );
    const [{ id }] = (await groupsOf(alice)) as [Payload];
    expect(await groupsOf(alice)).toHaveLength(1);
    expect(outcomes).toContain(id);
    expect(outcomes.filter((each) => each !== id && each !== 'IDEMPOTENCY_IN_PROGRESS')).toEqual([]);
  });

  it('tells others, and hooks that stand after it, once', async () => {
    const key = keyed();
    const { body } = await alice.execute('conversations.create', group, key);
    await alice.execute('conversations.create', group, key);
    await app.settled();
    expect(told.map(({ answer }) => answer.id)).toEqual([body.id]);
  });

  it('is not undone by what a hook before it writes by itself, nor is that', async () => {
    const key = keyed();
    const first = await alice.execute('users.updateMe', { displayName: 'Alice M.' }, key);
    expect(first.body.displayName).toBe('Alice M.');
    let isAsked = false;
    beforeUpdate = async () => {
      isAsked = true;
    };
    expect(await alice.execute('users.updateMe', { displayName: 'Alice M.' }, key)).toEqual({ ...first, replayed: true });
    expect(isAsked).toBe(false);
  });

  it('counts what is unread after its commit, not before', async () => {
    const direct = await openDirect(bob, alice);
    await send(bob, direct, 'unread');
    await app.settled();
    app.told.length = 0;
    await alice.execute('membership.update', { conversationId: direct.id, archived: true }, keyed());
    await app.settled();
    const totals = app.told.filter(({ event, to }) => event === 'unread:updated' && to['userId'] === alice.id);
    expect(totals.map(({ payload }) => payload['total'])).toEqual([0]);
  });

  it('keeps no signed URL: each answer has its own', async () => {
    const key = keyed();
    const direct = await openDirect(alice, bob);
    const attachment = await app.attachment(alice);
    // What looks like one of the server's own texts stays what it is.
    const content = `"${'f'.repeat(64)}:${attachment}:none:url"`;
    const sent = await send(alice, direct, 'a picture', { attachmentIds: [attachment] });
    const edit = { messageId: sent.id, content };
    const first = await alice.execute('messages.edit', edit, key);
    expect(first.body.attachments).toMatchObject([{ id: attachment, url: expect.stringContaining('/files/') }]);
    const [record] = (await recordsOf(alice)) as [Payload];
    expect(record.body).not.toContain('/files/');
    const again = await (await app.signIn(alice)).execute('messages.edit', edit, key);
    expect(again).toMatchObject({ replayed: true, body: { content } });
    expect(again.body.attachments[0].url).toContain('/files/');
    expect(again.body.attachments[0].url).not.toBe(first.body.attachments[0].url);
    const { url: _url, ...rest } = again.body.attachments[0];
    expect(first.body.attachments[0]).toMatchObject({ ...rest, urlExpiresAt: expect.any(String) });
  });
});
