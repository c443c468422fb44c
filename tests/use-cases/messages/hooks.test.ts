import { randomUUID } from 'node:crypto';
import { before, hook } from '@coucou/application/kernel/hook';
import { forwardMessage } from '@coucou/contracts/messages/forward-message';
import { sendMessage } from '@coucou/contracts/messages/send-message';
import { errors } from '@coucou/domain/kernel/errors';
import { isSame } from '@coucou/domain/kernel/same';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inputsNamingIds, inputWithoutIds } from '../../isolation/inputs.ts';
import { coreCatalogue } from '../../support/coucou.ts';
import type { Payload } from '../../support/event-log.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { openDirect, openGroup, refusal, send } from '../calls.ts';

/** What hooks before an operation may do, and what they never meet. */

let met = 0;
/** What the hooks answer. */
let answer: (input: object) => unknown = () => undefined;
const run = async (_ports: object, input: object): Promise<never> => {
  met += 1;
  return answer(input) as never;
};
const hooks = [
  hook({ name: 'tests.beforeSending', at: before(sendMessage), deps: {}, run }),
  hook({ name: 'tests.beforeForwarding', at: before(forwardMessage), deps: {}, run }),
];
const refuse = () => {
  throw errors.FORBIDDEN();
};

let app: TestApp;
let alice: Caller;
let bob: Caller;
beforeAll(async () => {
  app = await openTestApp({ features: [{ name: 'tests', hooks }] });
  [alice, bob] = [await app.person('alice'), await app.person('bob')];
});
beforeEach(() => {
  met = 0;
  answer = () => undefined;
});
afterAll(() => app.close());

describe('a resend is answered before the hooks', () => {
  it('of sending, which may refuse or change it by now', async () => {
    const group = await openGroup(alice, [bob]);
    const more = { clientMessageId: randomUUID() };
    answer = (input) => ({ ...input, content: `changed ${Math.random()}` });
    const sent = await send(bob, group, 'one', more);
    expect(sent.content).toMatch(/^changed/);
    expect(await send(bob, group, 'one', more)).toEqual(sent);
    answer = refuse;
    expect(await send(bob, group, 'one', more)).toEqual(sent);
    await alice.call('members.remove', { conversationId: group.id, userId: bob.id });
    expect((await send(bob, group, 'one', more)).id).toBe(sent.id);
    expect(met).toBe(1);
    expect(await refusal(send(bob, group, 'two', more))).toBe('CLIENT_MESSAGE_ID_CONFLICT');
    expect(met).toBe(1);
    expect(await refusal(send(bob, group, 'one'))).toBe('FORBIDDEN');
    expect(met).toBe(2);
  });

  it('of sending to a person', async () => {
    const input = { toUserId: bob.id, clientMessageId: randomUUID(), content: 'hi' };
    const sent = await alice.call('messages.send', input);
    answer = refuse;
    expect(await alice.call('messages.send', input)).toEqual(sent);
    expect(met).toBe(1);
  });

  it('of forwarding', async () => {
    const [group, direct] = [await openGroup(alice, [bob]), await openDirect(alice, bob)];
    const source = await send(alice, group, 'pass it on');
    const input = { messageId: source.id, conversationIds: [group.id, direct.id], clientMessageId: randomUUID() };
    const { items } = await alice.call('forwards.create', input);
    answer = refuse;
    met = 0;
    expect((await alice.call('forwards.create', input)).items.map((item: Payload) => item.id)).toEqual(
      items.map((item: Payload) => item.id),
    );
    expect(met).toBe(0);
    const third = await openGroup(alice);
    expect(await refusal(alice.call('forwards.create', { ...input, conversationIds: [group.id, third.id] }))).toBe('FORBIDDEN');
  });
});

describe('what a hook makes of an input', () => {
  it('is read by the schema again, with what that makes of it', async () => {
    const group = await openGroup(alice);
    answer = () => ({ conversationId: group.id.toUpperCase(), content: 'from the hook' });
    expect(await send(alice, group, 'mine')).toMatchObject({ content: 'from the hook', type: 'text', conversationId: group.id });
  });

  it.each<[string, object]>([
    ['text longer than the ceiling', { content: 'x'.repeat(5_001) }],
    ['a text that cannot be stored', { content: 'a\u0000' }],
    ['a field that nobody knows', { content: 'x', account: 'another' }],
    ['a type of the server’s own', { content: 'x', type: 'system' }],
  ])('counts as its failure with %s: the call goes on as it was', async (_, change) => {
    const group = await openGroup(alice);
    answer = (input) => ({ ...input, ...change });
    expect(await send(alice, group, 'mine')).toMatchObject({ content: 'mine', type: 'text' });
    answer = (input) => void Object.assign(input, change);
    expect(await send(alice, group, 'mine')).toMatchObject({ content: 'mine', type: 'text' });
    expect(met).toBe(2);
  });
});

it('every schema reads what it has read the same again', () => {
  const read = coreCatalogue.operations.flatMap(({ name, input }) => {
    const samples = [inputWithoutIds(input, 'hello'), ...inputsNamingIds(input, () => randomUUID())];
    return samples.flatMap((sample) => {
      const first = input.safeParse(sample);
      return first.success ? [{ name, first: first.data, second: input.safeParse(first.data).data }] : [];
    });
  });
  expect(new Set(read.map(({ name }) => name)).size).toBeGreaterThan(80);
  expect(read.filter(({ first, second }) => !isSame(first, second))).toEqual([]);
});
