import type { HistoryRequest } from '@coucou/application/messages/message-reader';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPglite } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { admit, createGroup, createPeople, range, remove, sendAll, sending } from '../support/fixtures.ts';

let storage: TestStorage;
beforeAll(async () => {
  storage = storageOn(await openPglite());
});
afterAll(() => storage.close());

type Page = readonly [seqs: number[], hasBefore: boolean, hasAfter: boolean];

const minute = (n: number): Date => new Date(Date.UTC(2026, 0, 15, 12, n));

/** A conversation of twenty messages, one a minute, but for the tenth and eleventh, which are of one instant. */
const LAST = 20;
const timeOf = (seq: number): Date => minute(seq > 10 ? seq - 1 : seq);

async function twenty(history: 'all' | 'joined' = 'all') {
  const { account, alice, bob, carol, dan } = await createPeople(storage.uow, 'alice', 'bob', 'carol', 'dan');
  const id = await createGroup(storage.uow, account, [alice, carol], { settings: { history } });
  const send = (count: number, accessVersion: number) =>
    sendAll(
      storage.log,
      range(1, count).map(() => sending({ accountId: account, conversationId: id, senderId: alice, accessVersion })),
    );
  await send(8, 1);
  await admit(storage.uow, account, id, alice, [bob]);
  await send(12, 2);
  const rows = range(1, LAST).map((seq) => `(${seq}, '${timeOf(seq).toISOString()}'::timestamptz)`);
  // Only the owner of the table may rewrite time.
  await storage.owner.use((session) =>
    session.script(`begin; set local role coucou_append; reset role; alter table message no force row level security;
      update message m set created_at = v.at from (values ${rows.join()}) v(seq, at) where m.conversation_id = '${id}' and m.seq = v.seq;
      alter table message force row level security; commit`),
  );
  return { account, id, alice, bob, carol, dan };
}

async function page(account: AccountId, viewer: UserId, id: ConversationId, request: HistoryRequest): Promise<Page | undefined> {
  const found = await storage.messageReader.history(account, viewer, id, request);
  return found && [found.items.map((message) => message.seq), found.hasBefore, found.hasAfter];
}

describe('history', () => {
  let full: Awaited<ReturnType<typeof twenty>>;
  let joined: Awaited<ReturnType<typeof twenty>>;
  beforeAll(async () => {
    full = await twenty();
    joined = await twenty('joined');
  });

  it.each<[string, HistoryRequest, Page]>([
    ['the newest', { limit: 3 }, [[18, 19, 20], true, false]],
    ['all of it', { limit: 100 }, [range(1, 20), false, false]],
    ['exactly all of it', { limit: 20 }, [range(1, 20), false, false]],
    ['before a seq', { limit: 3, before: 10 }, [[7, 8, 9], true, true]],
    ['before the fourth', { limit: 3, before: 4 }, [[1, 2, 3], false, true]],
    ['before the first', { limit: 3, before: 1 }, [[], false, true]],
    ['before one after the end', { limit: 3, before: 21 }, [[18, 19, 20], true, false]],
    ['before anything', { limit: 3, before: 1_000_000 }, [[18, 19, 20], true, false]],
    ['after a seq', { limit: 3, after: 10 }, [[11, 12, 13], true, true]],
    ['after the beginning', { limit: 3, after: 0 }, [[1, 2, 3], false, true]],
    ['after all but two', { limit: 3, after: 18 }, [[19, 20], true, false]],
    ['after the last', { limit: 3, after: 20 }, [[], true, false]],
    ['after what is yet to come', { limit: 3, after: 1_000_000 }, [[], true, false]],
    ['around a seq', { limit: 5, around: 10 }, [[8, 9, 10, 11, 12], true, true]],
    ['around the first', { limit: 5, around: 1 }, [[1, 2, 3, 4, 5], false, true]],
    ['around the last', { limit: 5, around: 20 }, [[18, 19, 20], true, false]],
    ['around what is yet to come', { limit: 5, around: 1_000_000 }, [[19, 20], true, false]],
    ['before a time', { limit: 2, before: minute(5) }, [[3, 4], true, true]],
    ['before a time between two', { limit: 2, before: new Date(minute(5).getTime() + 1) }, [[4, 5], true, true]],
    ['before a time that two share', { limit: 2, before: timeOf(10) }, [[8, 9], true, true]],
    ['after a time that two share', { limit: 2, after: timeOf(10) }, [[12, 13], true, true]],
    ['after the dawn of time', { limit: 2, after: new Date(0) }, [[1, 2], false, true]],
    ['after the end of time', { limit: 2, after: minute(1000) }, [[], true, false]],
    ['before the dawn of time', { limit: 2, before: new Date(0) }, [[], false, true]],
    ['before the end of time', { limit: 2, before: minute(1000) }, [[19, 20], true, false]],
    ['around a time that two share', { limit: 3, around: timeOf(10) }, [[9, 10, 11], true, true]],
    ['around the end of time', { limit: 4, around: minute(1000) }, [[19, 20], true, false]],
  ])('answers %s', async (_, request, expected) => {
    expect(await page(full.account, full.alice, full.id, request)).toEqual(expected);
  });

  it.each<[string, HistoryRequest, Page]>([
    ['the newest', { limit: 100 }, [range(9, 20), false, false]],
    ['before a seq', { limit: 3, before: 11 }, [[9, 10], false, true]],
    ['before the first that is visible', { limit: 3, before: 9 }, [[], false, true]],
    ['before one that is not visible', { limit: 3, before: 4 }, [[], false, true]],
    ['after the beginning', { limit: 3, after: 0 }, [[9, 10, 11], false, true]],
    ['around one that is not visible', { limit: 3, around: 2 }, [[9, 10, 11], false, true]],
    ['before a time', { limit: 3, before: timeOf(10) }, [[9], false, true]],
    ['after the dawn of time', { limit: 3, after: new Date(0) }, [[9, 10, 11], false, true]],
    ['around a time before one joined', { limit: 3, around: minute(2) }, [[9, 10, 11], false, true]],
  ])('that begins where one joined answers %s', async (_, request, expected) => {
    expect(await page(joined.account, joined.bob, joined.id, request)).toEqual(expected);
  });

  it('that begins where one joined is whole for those who were there', async () => {
    expect(await page(joined.account, joined.carol, joined.id, { limit: 100 })).toEqual([range(1, 20), false, false]);
  });

  it('is shown to members only', async () => {
    const { account, id, dan } = full;
    expect(await page(account, dan, id, { limit: 3 })).toBeUndefined();
    const other = await twenty();
    await remove(storage.uow, other.account, other.id, other.alice, other.bob);
    expect(await page(other.account, other.bob, other.id, { limit: 3 })).toBeUndefined();
    expect(await page(other.account, full.alice, full.id, { limit: 3 })).toBeUndefined();
  });

  it.each<HistoryRequest>([
    { limit: 5 },
    { limit: 5, before: 1 },
    { limit: 5, before: 7 },
    { limit: 5, after: 0 },
    { limit: 5, after: 7 },
    { limit: 5, around: 1 },
    { limit: 5, before: new Date(0) },
    { limit: 5, after: new Date(0) },
    { limit: 5, around: new Date(0) },
  ])('of an empty conversation is empty for %j', async (request) => {
    const { account, alice } = await createPeople(storage.uow, 'alice');
    const id = await createGroup(storage.uow, account, [alice]);
    expect(await page(account, alice, id, request)).toEqual([[], false, false]);
  });

  it('of someone who joined and then nothing was said is empty', async () => {
    const { account, id, alice, dan } = await twenty('joined');
    await admit(storage.uow, account, id, alice, [dan]);
    for (const request of [{ limit: 5 }, { limit: 5, before: 5 }, { limit: 5, after: 5 }, { limit: 5, around: 5 }])
      expect(await page(account, dan, id, request)).toEqual([[], false, false]);
  });

  it('walked in either direction, in steps of any length, meets every message once', async () => {
    const walk = fc.record({ limit: fc.integer({ min: 1, max: 7 }), viewer: fc.constantFrom('bob' as const, 'carol' as const) });
    await fc.assert(
      fc.asyncProperty(walk, async ({ limit, viewer }) => {
        const expected = range(viewer === 'bob' ? 9 : 1, LAST);
        const backwards: number[] = [];
        for (let before = LAST + 1, more = true; more; ) {
          const [seqs, hasBefore] = (await page(joined.account, joined[viewer], joined.id, { limit, before })) ?? [[], false, false];
          backwards.unshift(...seqs);
          [before = 0] = seqs;
          more = hasBefore;
        }
        expect(backwards).toEqual(expected);
        const forwards: number[] = [];
        for (let after = 0, more = true; more; ) {
          const [seqs, , hasAfter] = (await page(joined.account, joined[viewer], joined.id, { limit, after })) ?? [[], false, false];
          forwards.push(...seqs);
          after = seqs.at(-1) ?? LAST;
          more = hasAfter;
        }
        expect(forwards).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });
});
