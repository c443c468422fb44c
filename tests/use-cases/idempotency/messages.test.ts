import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openDirect, openGroup, refusal, send } from '../calls.ts';

let app: TestApp;
let alice: Caller;
let bob: Caller;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  [alice, bob] = [await app.person('alice'), await app.person('bob')];
});

const keyed = (idempotencyKey: string) => ({ idempotencyKey });
const recordsOf = (who: Caller) => app.sql('select * from idempotency_record where caller_id = $1', [who.id]);

describe('the key of a message', () => {
  const keyedSend = (key: string, conversationId: string, content: string, more: Record<string, unknown> = {}) =>
    alice.execute('messages.send', { conversationId, content, ...more }, keyed(key));

  it('is its clientMessageId: a resend is answered with the message, and nothing is recorded', async () => {
    const { id } = await openDirect(alice, bob);
    const first = await keyedSend('one', id, 'once');
    expect(first).toMatchObject({ status: 201, body: { clientMessageId: expect.stringMatching(/^.{14}5/) } });
    expect(first.replayed).toBeUndefined();
    const again = await keyedSend('one', id, 'once');
    expect(again).toMatchObject({ status: 200, replayed: true, body: { id: first.body.id, seq: first.body.seq } });
    expect(await recordsOf(alice)).toEqual([]);
    expect((await keyedSend('two', id, 'once')).body.seq).toBe(first.body.seq + 1);
  });

  it('is refused for another message', async () => {
    const { id } = await openDirect(alice, bob);
    await keyedSend('one', id, 'once');
    expect(await refusal(keyedSend('one', id, 'twice'))).toBe('IDEMPOTENCY_KEY_CONFLICT');
  });

  it('counts within one conversation, for one person', async () => {
    const [direct, other] = [await openDirect(alice, bob), await openGroup(alice, [bob])];
    const first = await keyedSend('one', direct.id, 'once');
    expect((await keyedSend('one', other.id, 'once')).status).toBe(201);
    const theirs = await bob.execute('messages.send', { conversationId: direct.id, content: 'once' }, keyed('one'));
    expect(theirs).toMatchObject({ status: 201 });
    expect(theirs.body.clientMessageId).not.toBe(first.body.clientMessageId);
  });

  it('is the same whether the other person or the conversation is named', async () => {
    const first = await alice.execute('messages.send', { toUserId: bob.id, content: 'hello' }, keyed('one'));
    expect(await alice.execute('messages.send', { toUserId: bob.id, content: 'hello' }, keyed('one'))).toMatchObject({ replayed: true });
    expect(await keyedSend('one', first.body.conversationId, 'hello')).toMatchObject({ replayed: true, body: { id: first.body.id } });
  });

  it('is nothing beside a clientMessageId', async () => {
    const { id } = await openDirect(alice, bob);
    const more = { clientMessageId: randomUUID() };
    expect((await keyedSend('one', id, 'once', more)).body.clientMessageId).toBe(more.clientMessageId);
    expect((await keyedSend('one', id, 'a message of its own', { clientMessageId: randomUUID() })).status).toBe(201);
    const again = await keyedSend('another', id, 'once', more);
    expect(again.status).toBe(200);
    expect(again.replayed).toBeUndefined();
    expect(await refusal(keyedSend('one', id, 'else', more))).toBe('CLIENT_MESSAGE_ID_CONFLICT');
  });

  it('works for forwarded messages, in each target', async () => {
    const [from, one, two] = [await openGroup(alice), await openGroup(alice), await openGroup(alice)];
    const { id: messageId } = await send(alice, from, 'pass it on');
    const input = { messageId, conversationIds: [one.id, two.id] };
    const first = await alice.execute('forwards.create', input, keyed('one'));
    const again = await alice.execute('forwards.create', input, keyed('one'));
    expect(again.body.items.map(({ id }: Payload) => id)).toEqual(first.body.items.map(({ id }: Payload) => id));
  });
});
