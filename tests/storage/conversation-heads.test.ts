import type { AppendRequest } from '@coucou/application/ports/message-log';
import { kyselyOn, type Session } from '@coucou/postgres/kit/session';
import { appendBatch } from '@coucou/postgres/messages/append-batch';
import { coreSchema } from '@coucou/postgres/schema/core-schema';
import { createPgPool } from '@coucou/postgres/kit/pg-pool';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { createAccount, createGroup, createUsers, range, sending } from '../support/fixtures.ts';
import type { Database } from '../support/template.ts';
import { engines, openPostgres } from './engines.ts';
import { type Node, pagesOf } from './explaining.ts';
import { storageOn, type TestStorage } from './test-storage.ts';

const [ACCOUNT, PERSON, QUIET, BUSY] = ['a', 'b', 'c', 'd'].map((digit) => `${digit.repeat(8)}-0000-7000-8000-000000000000`);
/** As it was when a conversation was one row. */
const FORMERLY = `
  drop table conversation_head;
  alter table conversation add column last_seq bigint not null default 0, add column version bigint not null,
    add column receipts_version bigint not null default 0, add column access_version bigint not null, add column countable bigint not null default 0,
    add column last_message_at timestamptz;
  insert into account (account_id, name, client_key, created_at) values ('${ACCOUNT}', 'A', 'key', '2026-01-01Z');
  set local app.account_id = '${ACCOUNT}'; set local role coucou_app;
  insert into app_user (account_id, id, username, username_key, display_name, role, created_at)
    values ('${ACCOUNT}', '${PERSON}', 'p', 'p', 'P', 'member', '2026-01-01Z');
  insert into conversation (account_id, id, type, title, settings, created_by, created_at, last_seq, version, receipts_version, access_version,
      countable, member_count, last_message_at, changed_version)
    values ('${ACCOUNT}', '${QUIET}', 'group', 'Quiet', '{}', '${PERSON}', '2026-01-02Z', 0, 1, 0, 1, 0, 1, null, 1),
      ('${ACCOUNT}', '${BUSY}', 'group', 'Busy', '{}', '${PERSON}', '2026-01-02Z', 7, 9, 4, 2, 6, 1, '2026-01-03Z', 2);
  reset role;`;
const HEADS = `
  select c.title, h.last_seq, h.version, h.receipts_version, h.access_version, h.countable, h.active_at
  from conversation c left join conversation_head h on h.account_id = c.account_id and h.conversation_id = c.id order by c.title`;

it.each(engines)('the counters of conversations that were one row are moved by the migration, on %s', async (_, open) => {
  const engine = await open();
  const rows = await engine.owner.use(async (session) => {
    await session.script(`begin; ${FORMERLY}`);
    await coreSchema.migrations['0041-conversation-heads']?.up(kyselyOn<unknown>(session.query));
    await session.script('set local role coucou_app');
    const { rows: heads } = await session.query(HEADS);
    await session.script('rollback');
    return heads;
  });
  await engine.close();
  expect(rows).toEqual([
    { title: 'Busy', last_seq: 7, version: 9, receipts_version: 4, access_version: 2, countable: 6, active_at: new Date('2026-01-03Z') },
    { title: 'Quiet', last_seq: 0, version: 1, receipts_version: 0, access_version: 1, countable: 0, active_at: new Date('2026-01-02Z') },
  ]);
});

describe('while a session idles in a transaction', () => {
  let database: Database;
  let storage: TestStorage;
  beforeAll(async () => {
    database = await createDatabase();
    storage = storageOn(openPostgres(database));
  });
  afterAll(async () => {
    await storage.close();
    await database.drop();
  });

  /** Pages that the append of a batch looked at, those of its look-ups by key among them. */
  const pagesOfAppend = (batch: readonly AppendRequest[]): Promise<number> =>
    storage.owner.use(async (session) => {
      await session.script('begin; set local role coucou_app');
      let pages = 0;
      const explaining: Session = {
        ...session,
        async query(text, params) {
          const explain = `explain (analyze, buffers, timing off, format json) ${text}`;
          const { rows } = await session.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(explain, params);
          pages = rows.reduce((sum, row) => sum + pagesOf(row['QUERY PLAN'][0].Plan), 0);
          return { rows: [], rowCount: 0 };
        },
      };
      await appendBatch(explaining, batch, { wait: false, announce: false });
      await session.script('commit');
      return pages;
    });

  it.each([
    ['before there are statistics', []],
    ['once there are statistics', ['analyze']],
  ])('what messages look at does not grow with those before them, %s', async (_, meanwhile) => {
    const accountId = await createAccount(storage.uow);
    // Enough to share pages: an update then often moves to another one, with an entry in every index.
    const [owner, ...others] = await createUsers(
      storage.uow,
      accountId,
      range(1, 20).map((at) => `person${at}`),
    );
    if (owner === undefined) throw new Error('nobody was created');
    const conversationId = await createGroup(storage.uow, accountId, [owner, ...others]);
    const eachSays = () => [owner, ...others].map((senderId) => sending({ accountId, conversationId, senderId }));
    const idle = createPgPool({ url: database.ownerUrl, max: 1 });
    await idle.use(async (session) => {
      await session.script(
        'set idle_in_transaction_session_timeout = 0; begin isolation level repeatable read; select pg_current_xact_id()',
      );
      const pagesPerMessage = async (batches: number) => {
        let pages = 0;
        for (let at = 0; at < batches; at += 1) pages += await pagesOfAppend(eachSays());
        return pages / (batches * (others.length + 1));
      };
      // By then the indexes of messages have grown to the height that they keep.
      await pagesPerMessage(15);
      const first = await pagesPerMessage(20);
      await pagesPerMessage(100);
      for (const text of meanwhile) await storage.owner.use((other) => other.script(text));
      await pagesPerMessage(100);
      expect(await pagesPerMessage(20)).toBeLessThan(first * 1.4);
      await session.script('commit');
    });
    await idle.end();
  });
});
