import { cachedAnswerPorts } from '@coucou/application/kernel/cached-answers';
import type { ReadyOperation } from '@coucou/application/kernel/execute';
import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import { Metrics } from '@coucou/application/ports/metrics';
import { ChatError } from '@coucou/domain/kernel/errors';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkedAnswers } from '../../support/checked-answers.ts';
import type { Payload } from '../../support/event-log.ts';
import { createGroup, createUsers, ids } from '../../support/fixtures.ts';
import { type Calling, openTestApp, type TestApp } from '../../support/test-app.ts';
import { as, openDirect, openGroup, send } from '../calls.ts';
import { type Stage, writes } from '../idempotency/writes.ts';

/** Whatever is written, by whatever operation: what is cached is what the database says. The test app compares every cached answer. */

let app: TestApp;
let stage: Stage;
beforeAll(async () => {
  app = await openTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  app.time.now = undefined;
  stage = {
    app,
    alice: await app.signIn(await app.person('alice', undefined, 'owner')),
    bob: await app.signIn(await app.person('bob')),
  };
});

const FILTERS = [{}, { filter: 'unread' }] as const;

/** Undefined where the caller may not, or is nobody. */
const asked = async (who: Calling, operation: string, input: Record<string, unknown> = {}): Promise<Payload> => {
  try {
    return await who.call(operation, input);
  } catch (error) {
    if (error instanceof ChatError && error.kind !== 'internal') return undefined;
    throw error;
  }
};

/** Asks for all that is cached, also for what these people could see before. */
async function readAll(people: readonly Calling[], conversationIds: Set<string>): Promise<void> {
  for (const who of people) {
    await asked(who, 'auth.me');
    for (const filter of FILTERS)
      for (const { id } of (await asked(who, 'conversations.list', { ...filter, limit: 5 }))?.['items'] ?? []) conversationIds.add(id);
  }
  for (const who of people) for (const conversationId of conversationIds) await asked(who, 'messages.list', { conversationId, limit: 10 });
}

const counted = (operation: string, outcome: string): number =>
  app.container.resolve(Metrics).counter(catalogue.cachedAnswers, { operation, outcome }).value;

describe('what is cached', () => {
  it.each(Object.entries(writes))('is right before and after %s', async (name, prepare) => {
    const { by, input, more } = await prepare(stage);
    const people = [...new Set([stage.alice, stage.bob, by])];
    const seen = new Set<string>();
    await readAll(people, seen);
    await by.execute(name, input, more);
    await readAll(people, seen);
    await app.settled();
    await expect(readAll(people, seen)).resolves.toBeUndefined();
  });

  it('was answered from the cache many times by then, of each kind', () => {
    for (const operation of ['auth.me', 'conversations.list', 'messages.list']) expect(counted(operation, 'near')).toBeGreaterThan(20);
  });

  it('is right for the other one of a direct conversation when a profile changes, and for who hides a message', async () => {
    const { alice, bob } = stage;
    const direct = await openDirect(alice, bob);
    const { id: messageId } = await send(bob, direct, 'hidden by one of the two');
    const list = async (who: Calling) => (await who.call('conversations.list'))['items'][0];
    await readAll([alice, bob], new Set());
    await bob.call('users.updateMe', { displayName: 'Robert' });
    expect((await list(alice)).peer.displayName).toBe('Robert');
    await alice.call('messages.delete', { messageId, for: 'me' });
    expect((await list(alice)).lastMessage).toBeUndefined();
    expect((await list(bob)).lastMessage.content).toBe('hidden by one of the two');
    expect((await alice.call('messages.list', { conversationId: direct.id })).items).toEqual([]);
  });

  it('is not answered to who was removed, whatever they read before', async () => {
    const { alice, bob } = stage;
    const group = await openGroup(alice, [bob]);
    await send(alice, group, 'for members');
    await bob.call('messages.list', { conversationId: group.id });
    await alice.call('members.remove', { conversationId: group.id, userId: bob.id });
    expect(await asked(bob, 'messages.list', { conversationId: group.id })).toBeUndefined();
  });

  it('in one account is not answered in another, though every id is the same', async () => {
    const [ours, theirs] = [stage.alice.account, await app.account()];
    const [person, conversation] = [ids.next<'user'>(), ids.next<'conversation'>()];
    const answers: Payload[] = [];
    for (const account of [ours, theirs]) {
      await createUsers(app.uow, account, ['erin'], [person]);
      await createGroup(app.uow, account, [person], { id: conversation });
      const erin = app.as(person, account);
      await send(erin, { id: conversation }, `of ${account}`);
      for (let time = 0; time < 2; time += 1) {
        const [first] = (await erin.call('conversations.list')).items;
        const { items } = await erin.call('messages.list', { conversationId: conversation });
        answers.push([first.lastMessage.content, ...items.map((item: Payload) => item.content)]);
      }
    }
    const [of, other] = [Array(2).fill(`of ${ours}`), Array(2).fill(`of ${theirs}`)];
    expect(answers).toEqual([of, of, other, other]);
  });

  it('of one session is not answered to another, though one transaction wrote both', async () => {
    const { bob } = stage;
    const again = await app.signIn(bob);
    await app.sql('update session set last_used_at = last_used_at where user_id = $1', [bob.id]);
    const [one, two] = [await bob.call('auth.me'), await again.call('auth.me')];
    expect(one.session.id).not.toBe(two.session.id);
    expect((await bob.call('auth.me')).session.id).toBe(one.session.id);
  });
});

it('a validator that lacks something is found by the comparison', async () => {
  let title = 'before';
  const cached = checkedAnswers({ ...app.container.portsOf(cachedAnswerPorts), caches: [keptForEver()] });
  const validate = async () => 'always the same';
  const ready = { operation: { name: 'tests.read' }, validate } as unknown as ReadyOperation & Readonly<{ validate: typeof validate }>;
  const read = () => cached(ready, {}, as(stage.alice.account, stage.alice.id), async () => ({ status: 200, body: { title } }));
  expect((await read()).body).toEqual({ title: 'before' });
  title = 'after';
  await expect(read()).rejects.toThrow('its validator lacks something');
});

function keptForEver() {
  let kept: string | undefined;
  return {
    get: async () => kept,
    put(_key: unknown, answer: string) {
      kept = answer;
    },
  };
}
