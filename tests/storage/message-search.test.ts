import { asId } from '@coucou/domain/kernel/ids';
import { lexeme } from '@coucou/infrastructure/postgres/message-search';
import { SEARCH_SQL } from '@coucou/infrastructure/postgres/message-searcher';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { type Caller, type House, openGroup, openHouse } from '../use-cases/support.ts';
import { expectStored, range, sendAll, sending } from './world.ts';

describe('what a search costs', () => {
  /** Messages before the first and before the second measurement. */
  const [FEW, MANY] = [4_000, 24_000];
  let database: Database;
  let owner: pg.Client;
  let house: House;
  let alice: Caller;
  let bob: Caller;
  let groups: { id: string }[];

  beforeAll(async () => {
    database = await createDatabase();
    owner = new pg.Client({ connectionString: database.ownerUrl });
    await owner.connect();
    house = await openHouse({ url: database.url });
    [alice, bob] = [await house.person('alice'), await house.person('bob')];
    groups = [await openGroup(alice, []), await openGroup(alice, [])];
  });
  afterAll(async () => {
    await house.close();
    await owner.end();
    await database.drop();
  });

  /** Through the log and the index, as the product writes them. The oldest hold the needle, all hold the common word. */
  async function fill(from: number, to: number): Promise<void> {
    for (let at = from; at < to; at += 1_000) {
      const requests = range(at, at + 999).map((index) =>
        sending({
          accountId: alice.account,
          conversationId: asId(groups[index % 2]?.id ?? ''),
          senderId: alice.id,
          content: `common hay ${index}${index < 10 ? ' needle' : ''}`,
        }),
      );
      const stored = (await sendAll(house.storage.messageLog, requests)).map(expectStored);
      for (const { id } of groups) {
        const ids = stored.filter(({ conversationId }) => conversationId === id).map((message) => message.id);
        await house.storage.uow.write(alice.account, (tx) => tx.messageSearch.index(ids));
      }
    }
  }

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
      const [row] = await house.sql(`explain (analyze, buffers, format json) ${SEARCH_SQL}`, params);
      const plan = row['QUERY PLAN'][0].Plan as Plan;
      costs.push({ rows: plan['Actual Rows'], pages: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] });
    }
    return costs.reduce((least, each) => (each.pages < least.pages ? each : least));
  }

  /** With statistics, as autovacuum keeps them. */
  const searches = async () => {
    await owner.query('analyze');
    return {
      deep: await cost(['nee', 'dle'], ['needle']),
      everywhere: await cost(['com', 'mon'], ['common']),
      nowhere: await cost(['zzz'], ['zzz']),
      half: await cost(['com', 'zzz'], ['common', 'zzz']),
      within: await cost(['nee', 'dle'], ['needle'], { conversation: groups[0]?.id ?? '' }),
      outsider: await cost(['com', 'mon'], ['common'], { viewer: bob.id }),
    };
  };

  it('touches no more pages of a long history than of a short one', async () => {
    await fill(0, FEW);
    const few = await searches();
    await fill(FEW, MANY);
    const many = await searches();
    const found = { deep: 10, everywhere: 51, nowhere: 0, half: 0, within: 5, outsider: 0 };
    for (const [name, rows] of Object.entries(found)) {
      const [before, after] = [few[name as keyof typeof few], many[name as keyof typeof many]];
      expect([name, before.rows, after.rows]).toEqual([name, rows, rows]);
      // What grows is the height of the trees, and what the index has not merged yet (256 kB).
      expect(after.pages, `${name}: ${before.pages} pages, then ${after.pages}`).toBeLessThan(before.pages * 1.25 + 64);
    }
  }, 240_000);
});
