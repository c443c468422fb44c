import type { AppendRequest, AppendResult, MessageLog } from '@coucou/application/ports/message-log';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import type { SessionPool } from '@coucou/postgres/kit/session';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';
import { openPostgres } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { createGroup, createPeople, expectStored, ids, range, sendAll, sending } from '../support/fixtures.ts';

let database: Database;
let storage: TestStorage;
/** The same database as another node sees it. */
let other: TestStorage;
/** May end anybody's connection. */
let admin: pg.Client;

beforeAll(async () => {
  database = await createDatabase();
  storage = storageOn(openPostgres(database));
  other = storageOn(openPostgres(database));
  const url = new URL(inject('databases').adminUrl);
  url.pathname = new URL(database.url).pathname;
  admin = new pg.Client({ connectionString: url.href });
  await admin.connect();
});
afterAll(async () => {
  await Promise.all([storage.close(), other.close(), admin.end()]);
  await database.drop();
});

async function group() {
  const { account: accountId, alice: senderId, bob } = await createPeople(storage.uow, 'alice', 'bob');
  const conversationId = await createGroup(storage.uow, accountId, [senderId, bob]);
  const stored = () =>
    storage.ask<{ seq: number; version: number; id: string; content: string }>(
      'coucou_app',
      accountId,
      'select seq, version, id, content from message where conversation_id = $1 order by seq',
      [conversationId],
    );
  return { accountId, conversationId, senderId, bob, from: { accountId, conversationId, senderId }, stored };
}

/** Another transaction's hold on a conversation; it ends with `release`. */
async function hold(of: Awaited<ReturnType<typeof group>>): Promise<{ release: () => Promise<void> }> {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: held, resolve: hasLocked } = Promise.withResolvers<void>();
  const holding = storage.uow.write(of.accountId, async (tx) => {
    await tx.conversations.lock(of.conversationId);
    hasLocked();
    await released;
  });
  await held;
  return {
    async release() {
      release();
      await holding;
    },
  };
}

type Backend = { pid: number };
const backends = async (condition: string): Promise<Backend[]> =>
  (
    await admin.query<Backend>(
      `select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and ${condition}`,
    )
  ).rows;
const waitingForALock = () => backends("wait_event_type = 'Lock'");
const terminate = (pid: number) => admin.query('select pg_terminate_backend($1)', [pid]);

describe('two nodes on one database', () => {
  it('give one conversation one order without gaps', async () => {
    const { from, bob, stored } = await group();
    const results = await Promise.all([
      sendAll(
        storage.log,
        range(1, 250).map(() => sending(from)),
      ),
      sendAll(
        other.log,
        range(1, 250).map(() => sending({ ...from, senderId: bob })),
      ),
    ]);
    const rows = await stored();
    expect(rows.map(({ seq, version }) => [seq, version])).toEqual(range(1, 500).map((n) => [n, n + 1]));
    const bySeq = results
      .flat()
      .map(expectStored)
      .toSorted((a, b) => a.seq - b.seq);
    expect(bySeq.map(({ id }) => id)).toEqual(rows.map(({ id }) => id));
    for (const ofOneNode of results) {
      const seqs = ofOneNode.map((result) => expectStored(result).seq);
      expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    }
  });

  it('store one message once, however often both are told', async () => {
    const { from, stored } = await group();
    const request = sending(from);
    const copies = () => range(1, 10).map(() => ({ ...request, draft: { ...request.draft, id: ids.next<'message'>() } }));
    const results = (await Promise.all([sendAll(storage.log, copies()), sendAll(other.log, copies())])).flat();
    expect(results.map((result) => result.status).toSorted()).toEqual([...range(1, 19).map(() => 'duplicate'), 'stored']);
    expect(await stored()).toHaveLength(1);
  });
});

describe('a conversation that a slow transaction holds', () => {
  it('waits alone, and goes on in order', async () => {
    const [slow, free] = [await group(), await group()];
    // One lane, so that both conversations share it.
    const log = storage.createLog({ lanes: 1 });
    const held = await hold(slow);
    const answered: string[] = [];
    const send = async (to: typeof slow, content: string) => {
      await log.append(sending({ ...to.from, content }));
      answered.push(content);
    };
    const slowSends = ['s1', 's2', 's3'].map((content) => send(slow, content));
    await send(free, 'f1');
    slowSends.push(send(slow, 's4'));
    await send(free, 'f2');
    expect(answered).toEqual(['f1', 'f2']);
    await held.release();
    await Promise.all(slowSends);
    expect(answered).toEqual(['f1', 'f2', 's1', 's2', 's3', 's4']);
    expect((await slow.stored()).map((row) => row.content)).toEqual(['s1', 's2', 's3', 's4']);
  });

  it('is not overtaken by what was queued when it was found held', async () => {
    const slow = await group();
    const held = await hold(slow);
    const later: Promise<AppendResult>[] = [];
    // The lock goes just after the first batch was turned away: the next one would find the conversation free.
    const pool: SessionPool = {
      end: () => storage.logPool.end(),
      async use(work) {
        if (later.length > 0) return storage.logPool.use(work);
        later.push(log.append(sending({ ...slow.from, content: 'second' })));
        const turnedAway = await storage.logPool.use(work);
        await held.release();
        return turnedAway;
      },
    };
    // And those that wait are slow to ask again.
    const contendedPool: SessionPool = {
      end: () => storage.contended.end(),
      async use(work) {
        for (const _ of range(1, 10)) await admin.query('select');
        return storage.contended.use(work);
      },
    };
    const log: MessageLog = storage.createLog({ lanes: 1, pool, contendedPool });
    await log.append(sending({ ...slow.from, content: 'first' }));
    await Promise.all(later);
    expect((await slow.stored()).map((row) => row.content)).toEqual(['first', 'second']);
  });

  it('ends the wait in time with an error that allows a resend', async () => {
    const slow = await group();
    const impatient = openPostgres(database);
    const contendedPool: SessionPool = {
      end: () => impatient.close(),
      use: (work) =>
        impatient.contended.use(async (session) => {
          await session.script("set lock_timeout = '50ms'");
          return work(session);
        }),
    };
    const held = await hold(slow);
    const request = sending(slow.from);
    const log = storage.createLog({ contendedPool });
    await expect(log.append(request)).rejects.toMatchObject({ code: 'TIMEOUT', kind: 'unavailable' });
    await held.release();
    expect((await log.append(request)).status).toBe('stored');
    await contendedPool.end();
  });
});

describe('a connection that is cut', () => {
  it('while an append waits costs nothing: it is tried again', async () => {
    const slow = await group();
    const held = await hold(slow);
    const sent = sendAll(
      storage.log,
      range(1, 5).map(() => sending(slow.from)),
    );
    const [backend] = await until(async () => (await waitingForALock()).slice(0, 1), { what: 'an append that waits' });
    await terminate(backend?.pid ?? 0);
    await held.release();
    expect((await sent).map((result) => expectStored(result).seq)).toEqual(range(1, 5));
  });

  it('again and again leaves every acknowledged message stored exactly once', async () => {
    const { from, stored } = await group();
    const requests = range(1, 400).map(() => sending(from));
    const log = storage.createLog({ batchSize: 8 });
    const acknowledged = new Set<AppendRequest>();
    const refusals = new Set<string>();
    const pending = new Set(requests);
    const send = async (request: AppendRequest) => {
      try {
        const result = await log.append(request);
        if (result.status === 'stored' || result.status === 'duplicate') acknowledged.add(request);
      } catch (error) {
        refusals.add((error as { code: string }).code);
      } finally {
        pending.delete(request);
      }
    };
    const sent = requests.map(send);
    let cuts = 0;
    while (pending.size > 0 && cuts < 30) {
      for (const { pid } of await backends("query like '%append_messages%' and state = 'active'")) {
        await terminate(pid);
        cuts += 1;
      }
    }
    await Promise.all(sent);
    expect(cuts).toBeGreaterThan(0);
    expect([...refusals].filter((code) => code !== 'SERVICE_UNAVAILABLE')).toEqual([]);
    const rows = await stored();
    const kept = new Set(rows.map((row) => row.id));
    expect([...acknowledged].filter(({ draft }) => !kept.has(draft.id))).toEqual([]);

    // Whoever was refused sends again, and then it is all there, once.
    for (const result of await sendAll(log, requests)) expect(['stored', 'duplicate']).toContain(result.status);
    const all = await stored();
    expect(all.map(({ seq, version }) => [seq, version])).toEqual(range(1, 400).map((n) => [n, n + 1]));
    expect(new Set(all.map((row) => row.id))).toEqual(new Set(requests.map(({ draft }) => draft.id)));
  });

  it('inside a unit of work undoes it, and the next one has a sound connection', async () => {
    const { accountId, conversationId } = await group();
    const lock = (id: ConversationId, cut: () => Promise<unknown>) =>
      storage.uow.write(accountId, async (tx) => {
        await tx.conversations.lock(id);
        await cut();
        await tx.conversations.lock(id);
        return 'done';
      });
    const cut = async () => {
      const [backend] = await backends("state = 'idle in transaction'");
      await terminate(backend?.pid ?? 0);
    };
    await expect(lock(conversationId, cut)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE', kind: 'unavailable' });
    expect(await lock(conversationId, async () => {})).toBe('done');
  });

  it('while nobody uses it goes unnoticed', async () => {
    const { from } = await group();
    await storage.log.append(sending(from));
    for (const { pid } of await backends("application_name = 'coucou' and state = 'idle'")) await terminate(pid);
    expect((await storage.log.append(sending(from))).status).toBe('stored');
  });
});
