import { asId } from '@coucou/domain/kernel/ids';
import { lexeme } from '@coucou/postgres/kit/lexeme';
import { SEARCH_SQL } from '@coucou/postgres/messages/message-search-reader';
import { createCursors } from '@coucou/security/cursors';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Payload } from '../support/event-log.ts';
import type { Database } from '../support/template.ts';
import { expectStored, range, sendAll, sending } from '../support/fixtures.ts';
import { type Caller, openTestApp, SECRET, type TestApp } from '../support/test-app.ts';
import { openGroup } from '../use-cases/calls.ts';

describe('what a search costs', () => {
  /** Messages before the first and before the second measurement. */
  const [FEW, MANY] = [4_000, 24_000];
  let database: Database;
  let owner: pg.Client;
  let app: TestApp;
  let alice: Caller;
  let bob: Caller;
  let carol: Caller;
  let dan: Caller;
  let erin: Caller;
  let groups: { id: string }[];

  beforeAll(async () => {
    database = await createDatabase();
    owner = new pg.Client({ connectionString: database.ownerUrl });
    await owner.connect();
    app = await openTestApp({ database });
    [alice, bob, carol, dan, erin] = (await Promise.all(['alice', 'bob', 'carol', 'dan', 'erin'].map((name) => app.person(name)))) as [
      Caller,
      Caller,
      Caller,
      Caller,
      Caller,
    ];
    groups = [await openGroup(alice, [dan]), await openGroup(alice, [])];
    await dan.call('blocks.put', { userId: alice.id });
    // Nobody has said anything there for long; and one is in very many conversations.
    const quiet = await openGroup(alice, [carol, erin]);
    for (let index = 0; index < 101; index += 1) await openGroup(erin, []);
    await write(range(0, 9).map(() => ({ id: quiet.id, content: 'common in the quiet' })));
  });
  afterAll(async () => {
    await app.close();
    await owner.end();
    await database.drop();
  });

  /** Through the log and the index, as the product writes them. */
  async function write(messages: readonly { id: string; content: string }[]): Promise<void> {
    const requests = messages.map(({ id, content }) =>
      sending({ accountId: alice.account, conversationId: asId(id), senderId: alice.id, content }),
    );
    const stored = (await sendAll(app.storage.messageLog, requests)).map(expectStored);
    for (const id of new Set(messages.map((message) => message.id))) {
      const ids = stored.filter(({ conversationId }) => conversationId === id).map((message) => message.id);
      await app.uow.write(alice.account, (tx) => tx.messageIndex.index(ids));
    }
  }

  /** All hold the common word, the oldest the needle; the bygone is not among the newest 1,000 at either time, and thousands before. */
  async function fill(from: number, to: number): Promise<void> {
    for (let at = from; at < to; at += 1_000)
      await write(
        range(at, at + 999).map((index) => ({
          id: groups[index % 2]?.id ?? '',
          content: [
            index % 5_000 === 100 ? 'common-hay' : 'common hay',
            `${index} ${index % 4 < 2 ? 'morning' : 'evening'}`,
            ...(index < 10 ? ['needle'] : []),
            ...(index < FEW - 1_000 || (index >= FEW && index < MANY - 1_000) ? ['bygone'] : []),
          ].join(' '),
        })),
      );
  }

  /** Puts the entries at other times: what was sent in seconds here is a history. */
  const spread = (at: string) =>
    app.sql(`
      with e as (delete from message_search returning *)
      insert into message_search (account_id, conversation_id, seq, sender_id, created_at, folded, terms)
      select e.account_id, e.conversation_id, e.seq, e.sender_id, ${at}, e.folded, e.terms from e`);

  type Plan = Readonly<{ 'Shared Hit Blocks': number; 'Shared Read Blocks': number; 'Actual Rows': number }>;
  type Cost = Readonly<{ rows: number; pages: number }>;

  /** Rows found and pages touched by the whole of a search, under the policies of the role that serves requests. */
  async function cost(
    words: string[],
    terms: string[],
    { conversation, viewer = alice.id }: { conversation?: string; viewer?: string } = {},
  ): Promise<Cost> {
    const params = [alice.account, viewer, words.map(lexeme).join(' & '), terms, conversation ?? null, null, null, null, null, null, 51];
    const costs: Cost[] = [];
    // The first on a connection also reads the catalogue.
    for (let time = 0; time < 6; time += 1) {
      const [row] = await app.sql(`explain (analyze, buffers, format json) ${SEARCH_SQL}`, params);
      const plan = row['QUERY PLAN'][0].Plan as Plan;
      costs.push({ rows: plan['Actual Rows'], pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] });
    }
    return costs.reduce((least, each) => (each.pages < least.pages ? each : least));
  }

  /** As autovacuum keeps them. */
  const searches = async () => {
    await spread(`timestamptz '2024-01-01 08:00:00Z' + e.seq * interval '7 seconds'`);
    await owner.query('vacuum analyze');
    const [busy = { id: '' }] = groups;
    return {
      deep: await cost(['nee', 'dle'], ['needle']),
      everywhere: await cost(['com', 'mon'], ['common']),
      nowhere: await cost(['zzz'], ['zzz']),
      half: await cost(['com', 'zzz'], ['common', 'zzz']),
      within: await cost(['nee', 'dle'], ['needle'], { conversation: busy.id }),
      outsider: await cost(['com', 'mon'], ['common'], { viewer: bob.id }),
      bygone: await cost(['byg', 'one'], ['bygone']),
      bygoneWithin: await cost(['byg', 'one'], ['bygone'], { conversation: busy.id }),
      apart: await cost(['eve', 'ing', 'mor'], ['evening', 'morning']),
      quiet: await cost(['com', 'mon'], ['common'], { viewer: carol.id }),
    };
  };
  const found = {
    deep: 10,
    everywhere: 51,
    nowhere: 0,
    half: 0,
    within: 5,
    outsider: 0,
    bygone: 51,
    bygoneWithin: 51,
    apart: 0,
    quiet: 10,
  };

  it('touches no more pages of a long history than of a short one', async () => {
    await fill(0, FEW);
    const few = await searches();
    await fill(FEW, MANY);
    const many = await searches();
    for (const [name, rows] of Object.entries(found)) {
      const [before, after] = [few[name as keyof typeof few], many[name as keyof typeof many]];
      expect([name, before.rows, after.rows]).toEqual([name, rows, rows]);
      // What grows is the height of the trees, and how often a time is halved in which there is too much.
      const bound = before.pages * 1.25 + 64 + 150 * Math.log2(MANY / FEW);
      expect(after.pages, `${name}: ${before.pages} pages, then ${after.pages}`).toBeLessThan(bound);
    }
  }, 240_000);

  it.each([
    ['that is nowhere, of grams that are everywhere', () => ({ term: 'common:hay' })],
    ['of somebody with whom there is a block', () => ({ viewer: dan.id })],
  ])('ends a page early that looks for what is common %s', async (_, given) => {
    const { term = 'common', viewer } = { term: undefined, viewer: undefined, ...given() };
    const { rows, pages } = await cost(['com', 'mon', 'hay'], [term], viewer === undefined ? {} : { viewer });
    // One row says from where to go on.
    expect(rows).toBe(1);
    expect(pages).toBeLessThan(10_000);
  });

  it('does not tell by ending early that others say it, to somebody in very many conversations', async () => {
    const { rows, pages } = await cost(['com', 'mon', 'hay'], ['common hay'], { viewer: erin.id });
    expect(rows).toBe(0);
    expect(pages).toBeLessThan(10_000);
    expect(await erin.call('messages.search', { q: 'common hay' })).toEqual({ items: [], nextCursor: null });
  });

  it('leads on from a page that ends early by a moment alone, sealed: what was looked at belongs to others', async () => {
    const { items, nextCursor } = await dan.call('messages.search', { q: 'common hay' });
    expect(items).toEqual([]);
    const readable = Buffer.from(nextCursor, 'base64url').toString('latin1');
    for (const { id } of groups) expect(readable).not.toContain(id);
    expect(readable).not.toMatch(/\d{4}-\d\d-\d\d/);
    const holder = { account: dan.account, person: dan.id, operation: 'messages.search' };
    const place = createCursors(SECRET).open(nextCursor, holder);
    expect(JSON.parse(place)).toEqual(['search', expect.any(String), '00000000-0000-0000-0000-000000000000', 0]);
  });

  /** All pages of a search, one after the other. */
  async function all(viewer: Caller, query: Record<string, unknown>): Promise<{ found: string[]; pages: number }> {
    const places: string[] = [];
    let pages = 0;
    for (let cursor: string | null | undefined; cursor !== null; pages += 1) {
      const page = await viewer.call('messages.search', { limit: 100, ...query, ...(cursor === undefined ? {} : { cursor }) });
      places.push(...page.items.map(({ conversationId, seq }: Payload) => `${conversationId} ${seq}`));
      cursor = page.nextCursor;
    }
    return { found: places, pages };
  }

  /** From seconds to years apart, with many at the same time. */
  it('finds all there is, newest first, wherever it lies', async () => {
    await spread(
      `timestamptz '2026-01-01 08:00:00Z' - floor(power(10, 8.0 * (1 - (e.seq / 24) * 24.0 / ${MANY / 2 + 100}))) * interval '1 second'`,
    );
    await owner.query('vacuum analyze');
    const [busy = { id: '' }] = groups;
    type Query = { q: string; conversationId?: string; before?: string; after?: string };
    const expected = async (viewer: Caller, { q, conversationId, before, after }: Query): Promise<string[]> => {
      const rows = await app.sql(
        `select s.conversation_id || ' ' || s.seq as place from message_search s
         join member m on m.account_id = s.account_id and m.conversation_id = s.conversation_id and m.user_id = $1
         where not exists (select from unnest($2::text[]) t(x) where strpos(s.folded, t.x) = 0)
           and ($3::uuid is null or s.conversation_id = $3)
           and s.created_at < coalesce($4::timestamptz, 'infinity') and s.created_at > coalesce($5::timestamptz, '-infinity')
         order by s.created_at desc, s.conversation_id desc, s.seq desc`,
        [viewer.id, q.split(' '), conversationId ?? null, before ?? null, after ?? null],
      );
      return rows.map(({ place }) => place);
    };
    const queries: [Caller, Query][] = [
      [alice, { q: 'needle' }],
      [alice, { q: 'bygone' }],
      [alice, { q: 'bygone morning', conversationId: busy.id }],
      [alice, { q: 'morning evening' }],
      [alice, { q: 'common-hay' }],
      [alice, { q: 'common-hay', conversationId: busy.id }],
      [alice, { q: 'common 777' }],
      [alice, { q: 'common 7', before: '2025-12-31T00:00:00.000Z', after: '2025-12-01T00:00:00.000Z' }],
      [alice, { q: 'needle', before: '2025-12-31T00:00:00.000Z', conversationId: busy.id }],
      [carol, { q: 'common' }],
      [erin, { q: 'common' }],
    ];
    for (const [viewer, query] of queries) {
      const { found: places, pages } = await all(viewer, query);
      expect({ query, places }).toEqual({ query, places: await expected(viewer, query) });
      // Pages that end early are few: each has looked at thousands of entries.
      expect(pages).toBeLessThan(places.length / 100 + 20);
    }
    expect((await all(dan, { q: 'common' })).found).toEqual([]);
  }, 240_000);
});
