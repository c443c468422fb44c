import type { ConversationHead, HeadReader } from '@coucou/application/ports/head-reader';
import { asId, type AccountId, type ConversationId, type UserId } from '@coucou/domain/kernel/ids';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHeads, createUnfollowedHeads } from './heads.ts';
import { type Person, Rooms } from './rooms.ts';

const account: AccountId = asId('acc');
const ann: UserId = asId('ann');
const follower = { conn: { write: () => {}, transport: { writable: true } } };
const names = Array.from({ length: 8 }, (_, index): ConversationId => asId(`c${index}`));

let rooms: Rooms;
let person: Person;
/** How far the database has come. */
let truth: Map<ConversationId, ConversationHead>;
/** What was announced, and when. */
let told: [name: string, at: number][];
let began: number;
const reader: HeadReader = {
  ofConversations: async (_account, ids) => ids.flatMap((id) => truth.get(id) ?? []),
  ofUsers: async (_account, ids) => ids.map((id) => ({ id, userVersion: 0 })),
  ofMember: async () => [...truth.values()],
  memberships: async () => [],
};
const commit = (id: ConversationId, version: number, receiptsVersion = 0) =>
  truth.set(id, { id, version, receiptsVersion, accessVersion: 1 });
const follow = (id: ConversationId) =>
  rooms.follow(person, { conversationId: id, accessVersion: 1, joinedVersion: 0, version: 1, receiptsVersion: 0 });
const note = (name: string) => told.push([name, Date.now() - began]);

beforeEach(() => {
  vi.useFakeTimers();
  began = Date.now();
  rooms = new Rooms();
  person = rooms.enter(account, ann, follower);
  person.told.userVersion = 0;
  truth = new Map();
  told = [];
  for (const id of names) commit(id, 1);
});
afterEach(() => void vi.useRealTimers());

describe('heads of what is followed', () => {
  const run = (signal: AbortSignal) =>
    createHeads({
      rooms,
      reader,
      graceMs: 1_000,
      spreadMs: () => 4_000,
      announce: { toRoom: (room) => note(room.conversationId), toPerson: () => note('person') },
      reload: async ({ conversationId }, accessVersion) => void note(`reload ${conversationId} at ${accessVersion}`),
    })(signal);

  it('are announced at moments of their own, after those who are about to tell had their time', async () => {
    const chances = names.map((_, index) => index / names.length);
    vi.spyOn(Math, 'random').mockImplementation(() => chances.shift() ?? 0);
    for (const id of names) {
      follow(id);
      commit(id, 2);
    }
    const done = run(new AbortController().signal);
    await vi.runAllTimersAsync();
    await done;
    expect(told.map(([name]) => name)).toEqual(names);
    const moments = told.map(([, at]) => at);
    expect(moments[0]).toBe(1_000);
    expect(new Set(moments).size).toBe(names.length);
    expect(Math.max(...moments)).toBeLessThan(5_000);
  });

  it('leave out what was told meanwhile', async () => {
    const [first, second] = names as [ConversationId, ConversationId];
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    for (const id of [first, second]) {
      follow(id);
      commit(id, 2);
    }
    const done = run(new AbortController().signal);
    await vi.advanceTimersByTimeAsync(2_000);
    Object.assign(rooms.room(account, first)?.told ?? {}, { version: 2 });
    await vi.runAllTimersAsync();
    await done;
    expect(told.map(([name]) => name)).toEqual([second]);
  });

  it('find rooms of conversations that were deleted, unless these are empty by then', async () => {
    const [first, second, third] = names as [ConversationId, ConversationId, ConversationId];
    for (const id of [first, second, third]) follow(id);
    for (const id of [first, second]) truth.delete(id);
    const done = run(new AbortController().signal);
    rooms.unfollow(person, second, 2);
    await vi.runAllTimersAsync();
    await done;
    expect(told.map(([name]) => name)).toEqual([`reload ${first} at 2`]);
  });

  it('end at once when the server stops', async () => {
    follow(names[0] as ConversationId);
    commit(names[0] as ConversationId, 2);
    const stopping = new AbortController();
    const done = run(stopping.signal);
    await vi.advanceTimersByTimeAsync(500);
    stopping.abort();
    await done;
    expect(told).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('heads of what is not followed', () => {
  const heard: (readonly ConversationId[])[] = [];
  const job = () =>
    createUnfollowedHeads({
      rooms,
      reader,
      spreadMs: () => 4_000,
      announce: (_person, heads) => heard.push(heads.map(({ id }) => id)),
    });
  const run = async (again: ReturnType<typeof job>) => {
    heard.length = 0;
    const done = again(new AbortController().signal);
    await vi.runAllTimersAsync();
    await done;
    return heard.flat();
  };

  it('are told to those who have too many to follow, and again when they changed', async () => {
    for (const id of names.slice(0, 5)) follow(id);
    const again = job();
    expect(await run(again)).toEqual([]);
    person.followsAll = false;
    expect(await run(again)).toEqual(names.slice(5));
    expect(await run(again)).toEqual([]);
    commit(names[0] as ConversationId, 2);
    commit(names[6] as ConversationId, 2);
    commit(names[7] as ConversationId, 1, 1);
    expect(await run(again)).toEqual([names[6], names[7]]);
    truth.delete(names[6] as ConversationId);
    expect(await run(again)).toEqual([]);
  });

  it('are told in events of a bounded size', async () => {
    person.followsAll = false;
    for (let index = 0; index < 1_100; index += 1) commit(asId(`many${index}`), 1);
    await run(job());
    expect(heard.map(({ length }) => length)).toEqual([500, 500, 108]);
  });

  it('are not told to those who left meanwhile', async () => {
    person.followsAll = false;
    const done = job()(new AbortController().signal);
    rooms.exit(person, follower);
    heard.length = 0;
    await vi.runAllTimersAsync();
    await done;
    expect(heard).toEqual([]);
  });
});
