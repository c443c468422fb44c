import type { ConversationChanges, SyncPage } from '@coucou/application/sync/sync';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { Held } from '@coucou/domain/sync/pages';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPglite } from './engines.ts';
import { storageOn, EPOCH, type TestStorage } from './test-storage.ts';
import { askSync, stateOf, SyncClient } from './sync-client.ts';
import { admit, createGroup, createPeople, ids, range, remove, sendAll, sending } from '../support/fixtures.ts';

let storage: TestStorage;
let people: { account: AccountId } & Record<'alice' | 'bob' | 'carol' | 'dan', UserId>;
beforeAll(async () => {
  storage = storageOn(await openPglite());
  people = await createPeople(storage.uow, 'alice', 'bob', 'carol', 'dan');
});
afterAll(() => storage.close());

/** A group in which Alice and Bob talk while Carol and Dan come and go. */
async function room(history: 'all' | 'joined' = 'all') {
  const { account, alice, bob } = people;
  const id = await createGroup(storage.uow, account, [alice, bob, people.carol, people.dan], { settings: { history } });
  const present = new Set<UserId>([people.carol, people.dan]);
  let accessVersion = 1;
  const say = (count: number) =>
    sendAll(
      storage.log,
      range(1, count).map((i) => sending({ accountId: account, conversationId: id, senderId: i % 2 === 0 ? alice : bob, accessVersion })),
    );
  const comeOrGo = async (who: 'carol' | 'dan') => {
    const userId = people[who];
    if (present.delete(userId)) {
      await remove(storage.uow, account, id, alice, userId);
    } else {
      await admit(storage.uow, account, id, alice, [userId]);
      present.add(userId);
    }
    accessVersion += 1;
  };
  return { id, present, say, comeOrGo };
}

type AskOptions = { epoch?: string; limit?: number; headsCursor?: string };
const ask = (viewer: UserId, conversations: readonly Held[], { epoch, limit = 200, headsCursor }: AskOptions = {}): Promise<SyncPage> =>
  askSync(storage.syncReader, people.account, viewer, { epoch, conversations, limit, headsCursor });

type Row = { version: number; key: string };
const ROWS = `
  select version, seq::text as key from message where conversation_id = $1
  union all select version, user_id::text from member where conversation_id = $1 order by 1, 2`;
const rowsOf = (id: ConversationId) => storage.ask<Row>('coucou_app', people.account, ROWS, [id]);

const keysOf = (changes: ConversationChanges): Row[] =>
  changes.removed
    ? []
    : [
        ...changes.messages.map((message) => ({ version: message.version, key: `${message.seq}` })),
        ...changes.members.map(({ member }) => ({ version: member.version, key: member.userId })),
      ].toSorted((a, b) => a.version - b.version || (a.key < b.key ? -1 : 1));

type Step = { room: number; act: 'say' | 'carol' | 'dan' | 'look'; count: number };
const step: fc.Arbitrary<Step> = fc.record({
  room: fc.nat({ max: 1 }),
  act: fc.oneof(
    { weight: 5, arbitrary: fc.constant('say' as const) },
    { weight: 2, arbitrary: fc.constantFrom('carol' as const, 'dan' as const) },
    { weight: 1, arbitrary: fc.constant('look' as const) },
  ),
  count: fc.integer({ min: 1, max: 5 }),
});

describe('sync', () => {
  it('pages through exactly the rows of later versions, each page complete up to its version', async () => {
    const input = fc.record({
      steps: fc.array(step, { maxLength: 12 }),
      held: fc.double({ min: 0, max: 1, noNaN: true }),
      limit: fc.integer({ min: 1, max: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(input, async ({ steps, held, limit }) => {
        const { id, say, comeOrGo } = await room();
        for (const { act, count } of steps) await (act === 'carol' || act === 'dan' ? comeOrGo(act) : say(count));
        const rows = await rowsOf(id);
        const current = Math.max(...rows.map((row) => row.version));
        let version = Math.round(held * current);
        for (let more = true; more; ) {
          const [changes] = (await ask(people.bob, [{ id, version }], { limit })).conversations;
          if (changes === undefined || changes.removed) throw new Error('no answer');
          expect({ reset: changes.reset, hasMore: changes.hasMore }).toEqual({ reset: false, hasMore: changes.version < current });
          expect(changes.version).toBeGreaterThan(version - (version === current ? 1 : 0));
          const due = rows.filter((row) => row.version > version && row.version <= changes.version);
          expect(keysOf(changes)).toEqual(due);
          // No more than was asked for, but for the rest of the page's last version: the four people of the beginning share one.
          expect(due.length).toBeLessThanOrEqual(limit + 3);
          ({ version, hasMore: more } = changes);
        }
        expect(version).toBe(current);
      }),
      { numRuns: 40 },
    );
  });

  it('brings whoever was away, from wherever they were, to the state of a fresh read', async () => {
    const input = fc.record({
      steps: fc.array(step, { minLength: 1, maxLength: 16 }),
      histories: fc.tuple(fc.constantFrom('all' as const, 'joined' as const), fc.constantFrom('all' as const, 'joined' as const)),
      limit: fc.integer({ min: 1, max: 12 }),
    });
    await fc.assert(
      fc.asyncProperty(input, async ({ steps, histories, limit }) => {
        const rooms = [await room(histories[0]), await room(histories[1])] as const;
        const named = rooms.map(({ id }) => id);
        const away = new SyncClient(storage.syncReader, people.account, people.dan);
        for (const { room: index, act, count } of steps) {
          const { say, comeOrGo } = rooms[index === 0 ? 0 : 1];
          if (act === 'look') await away.sync(named, limit);
          else if (act === 'say') await say(count);
          else await comeOrGo(act);
        }
        await away.sync(named, limit);
        const fresh = new SyncClient(storage.syncReader, people.account, people.dan);
        await fresh.sync(named, 1000);
        for (const id of named) {
          const copy = away.copies.get(id);
          expect(stateOf(copy, 0)).toEqual(stateOf(fresh.copies.get(id), copy?.from ?? 0));
        }
        const where = rooms.filter(({ present }) => present.has(people.dan)).map(({ id }) => id);
        expect([...fresh.copies.keys()]).toEqual(where);
      }),
      { numRuns: 40 },
    );
  });

  it('answers a first question with a window of the newest, and says to hold nothing else', async () => {
    const { id, say } = await room();
    await say(60);
    const [changes] = (await ask(people.bob, [{ id, version: undefined }])).conversations;
    expect(changes).toMatchObject({ removed: false, reset: true, hasMore: false, version: 61, unread: { messages: 30, mentions: 0 } });
    if (changes === undefined || changes.removed) throw new Error('no answer');
    expect(changes.messages.map((message) => message.seq)).toEqual(range(11, 60));
    expect(changes.members.map(({ member }) => member.userId).toSorted()).toEqual(
      Object.values(people)
        .filter((each) => each !== people.account)
        .toSorted(),
    );
  });

  it('resets what was held of a version that the server never gave', async () => {
    const { id, say } = await room();
    await say(3);
    expect((await ask(people.bob, [{ id, version: 4 }])).conversations).toMatchObject([{ reset: false, messages: [], members: [] }]);
    expect((await ask(people.bob, [{ id, version: 5 }])).conversations).toMatchObject([
      { reset: true, version: 4, messages: [{ seq: 1 }, { seq: 2 }, { seq: 3 }] },
    ]);
  });

  it('resets everything when the copy is of another life of the database', async () => {
    const [one, other] = [await room(), await room()];
    const held = [one, other].map(({ id }) => ({ id, version: 1 }));
    const resets = (page: SyncPage) => page.conversations.map((changes) => !changes.removed && changes.reset);
    const known = await ask(people.bob, held, { epoch: EPOCH });
    expect([known.epoch, resets(known)]).toEqual([EPOCH, [false, false]]);
    const restored = await ask(people.bob, held, { epoch: 'another one' });
    expect([restored.epoch, resets(restored)]).toEqual([EPOCH, [true, true]]);
  });

  it('tells those who were removed, and those who never were there, the same', async () => {
    const { id, comeOrGo } = await room();
    await comeOrGo('dan');
    const never = ids.next<'conversation'>();
    const held = [id, never].flatMap((each) => [{ id: each, version: 1 }]);
    expect((await ask(people.dan, held)).conversations).toEqual(held.map((each) => ({ id: each.id, removed: true })));
    const elsewhere = await createPeople(storage.uow, 'alice');
    const foreign = await askSync(storage.syncReader, elsewhere.account, people.alice, { conversations: held, limit: 10 });
    expect([foreign.conversations.map((changes) => changes.removed), foreign.heads]).toEqual([[true, true], []]);
  });

  it('shows nothing older than the joining where history begins there', async () => {
    const { id, say, comeOrGo } = await room('joined');
    await comeOrGo('dan');
    await say(5);
    await comeOrGo('dan');
    await say(2);
    for (const version of [undefined, 0, 1, 3, 7]) {
      const [changes] = (await ask(people.dan, [{ id, version }])).conversations;
      expect(
        keysOf(changes as ConversationChanges)
          .filter(({ key }) => /^\d{1,3}$/.test(key))
          .map(({ key }) => key),
      ).toEqual(['6', '7']);
    }
  });

  it('hides the edit of a message from before the joining, where history begins there, and shows it to the others', async () => {
    const { id, say, comeOrGo } = await room('joined');
    await comeOrGo('dan');
    await say(1);
    await comeOrGo('dan');
    // An edit stamps its message with a version of the conversation; only the owner of the tables may write one here.
    await storage.owner.use((session) =>
      session.script(`begin; alter table message no force row level security; alter table conversation_head no force row level security;
        update conversation_head set version = 5 where conversation_id = '${id}'; update message set version = 5 where conversation_id = '${id}';
        alter table message force row level security; alter table conversation_head force row level security; commit`),
    );
    const seen = async (viewer: UserId) =>
      (await ask(viewer, [{ id, version: 4 }])).conversations.map((changes) => ({
        keys: keysOf(changes),
        at: !changes.removed && changes.version,
      }));
    expect(await seen(people.bob)).toEqual([{ keys: [{ version: 5, key: '1' }], at: 5 }]);
    expect(await seen(people.dan)).toEqual([{ keys: [], at: 5 }]);
  });

  it('resets what was held before one came back, where history begins with the joining', async () => {
    const { id, say, comeOrGo } = await room('joined');
    await say(1);
    await comeOrGo('dan');
    await comeOrGo('dan');
    await say(1);
    const resets = async (viewer: UserId, version: number) => {
      const [changes] = (await ask(viewer, [{ id, version }])).conversations;
      return changes?.removed === false && changes.reset;
    };
    expect(await Promise.all([2, 3, 4, 5].map((version) => resets(people.dan, version)))).toEqual([true, true, false, false]);
    expect(await Promise.all([2, 3, 4, 5].map((version) => resets(people.bob, version)))).toEqual([false, false, false, false]);
  });

  it('says whether the conversation itself changed', async () => {
    const { id, say, comeOrGo } = await room();
    await say(2);
    await comeOrGo('carol');
    await say(1);
    const changed = async (version: number) => {
      const [changes] = (await ask(people.bob, [{ id, version }])).conversations;
      return changes?.removed === false && changes.conversationChanged;
    };
    expect(await Promise.all([0, 3, 4, 5].map(changed))).toEqual([true, true, false, false]);
  });

  it('shares the rows among the conversations and leaves none behind', async () => {
    const rooms = [await room(), await room(), await room()];
    for (const { say } of rooms) await say(9);
    const held = rooms.map(({ id }) => ({ id, version: 1 }));
    const page = await ask(people.bob, held, { limit: 12 });
    expect(page.conversations.map((changes) => [keysOf(changes).length, !changes.removed && changes.hasMore])).toEqual([
      [9, false],
      [3, true],
      [0, true],
    ]);
  });

  it('asks as many queries for many conversations as for two', async () => {
    const rooms = await Promise.all(range(1, 12).map(() => room()));
    for (const { say } of rooms) await say(2);
    const queries = async (count: number) => {
      const held = rooms.slice(0, count).map(({ id }, index) => ({ id, version: index % 2 === 0 ? undefined : 1 }));
      storage.reads.queries = 0;
      await ask(people.bob, held);
      return storage.reads.queries;
    };
    expect(await queries(12)).toBe(await queries(2));
    expect(await queries(12)).toBeLessThanOrEqual(7);
  });
});
