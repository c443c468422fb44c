import type { DurableEvent } from '@coucou/application/kernel/event';
import { createOutboxStore, type OutboxStore } from '@coucou/postgres/outbox/outbox-store';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { type EnginePools, openPglite, openPostgres } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { createGroup, createPeople, range, sendAll, sending } from '../support/fixtures.ts';

const TYPES = ['message.posted'];

let database: Database;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

/** As many events, each of a conversation of its own. */
async function pending(storage: TestStorage, count: number): Promise<void> {
  const { account: accountId, alice: senderId } = await createPeople(storage.uow, 'alice');
  const requests = [];
  for (const _unused of range(1, count))
    requests.push(sending({ accountId, conversationId: await createGroup(storage.uow, accountId, [senderId]), senderId }));
  await sendAll(storage.createLog({ announce: true }), requests);
}

describe.each<[string, () => Promise<EnginePools>]>([
  ['PGlite', openPglite],
  ['PostgreSQL', async () => openPostgres(database)],
])('the outbox on %s', (_, open) => {
  let storage: TestStorage;
  let outbox: OutboxStore;
  beforeAll(async () => {
    storage = storageOn(await open());
    outbox = createOutboxStore(storage.main);
  });
  afterAll(() => storage.close());
  /** Claims reach over all accounts, so each test begins with none. */
  beforeEach(async () => {
    await outbox.done((await outbox.claim(1000, TYPES, 0)).map(({ event }) => event));
  });

  const idsOf = (claimed: readonly { event: DurableEvent }[]) => claimed.map(({ event }) => event.id);

  it('hands out what is due, as the fact it was', async () => {
    const { account: accountId, alice: senderId } = await createPeople(storage.uow, 'alice');
    const conversationId = await createGroup(storage.uow, accountId, [senderId]);
    const request = sending({ accountId, conversationId, senderId });
    await storage.createLog({ announce: true }).append(request);
    expect(await outbox.claim(10, TYPES)).toEqual([
      {
        attempts: 1,
        event: {
          id: expect.stringMatching(/^[0-9a-f-]{36}$/),
          account: accountId,
          type: 'message.posted',
          conversationId,
          messageIds: [request.draft.id],
        },
      },
    ]);
  });

  it('hands each to one runner, and no more at once than asked for', async () => {
    await pending(storage, 9);
    const claims = await Promise.all(range(1, 4).map(() => outbox.claim(2, TYPES)));
    expect(claims.map((claim) => claim.length)).toEqual([2, 2, 2, 2]);
    expect(new Set(claims.flatMap(idsOf)).size).toBe(8);
    expect(await outbox.countDue()).toBe(1);
  });

  it('leaves alone what is asked for by nobody', async () => {
    await pending(storage, 1);
    expect(await outbox.claim(10, ['member.joined'])).toEqual([]);
    expect(await outbox.claim(10, TYPES)).toHaveLength(1);
  });

  it('takes back what its runner neither finished nor failed', async () => {
    await pending(storage, 1);
    const [lost] = await outbox.claim(1, TYPES, 0);
    const [again] = await outbox.claim(1, TYPES);
    expect([lost?.attempts, again?.attempts]).toEqual([1, 2]);
    expect(again?.event).toEqual(lost?.event);
    expect(await outbox.claim(1, TYPES)).toEqual([]);
  });

  it('forgets what is done', async () => {
    await pending(storage, 2);
    const [first] = await outbox.claim(1, TYPES, 0);
    if (first === undefined) throw new Error('nothing was due');
    await outbox.done([first.event]);
    expect(await outbox.countDue()).toBe(1);
    expect(idsOf(await outbox.claim(10, TYPES))).not.toContain(first.event.id);
  });

  it('waits with what failed, and keeps what is beyond hope for a person to look at', async () => {
    await pending(storage, 3);
    const [sooner, later, never] = await outbox.claim(3, TYPES);
    if (sooner === undefined || later === undefined || never === undefined) throw new Error('nothing was due');
    await outbox.failed(sooner.event, 'try again', new Date(0));
    await outbox.failed(later.event, 'try tomorrow', new Date('2100-01-01'));
    await outbox.failed(never.event, 'x'.repeat(5000), undefined);
    expect(await outbox.claim(10, TYPES)).toEqual([{ event: sooner.event, attempts: 2 }]);
    await outbox.failed(sooner.event, 'the database was away', new Date(0), { counts: false });
    expect(await outbox.claim(10, TYPES)).toEqual([{ event: sooner.event, attempts: 2 }]);
    const kept = await storage.ask<{ last_error: string }>(
      'coucou_system',
      never.event.account,
      'select last_error from outbox where dead_at is not null',
    );
    expect(kept.map((row) => row.last_error.length)).toEqual([1000]);
  });
});

describe('the outbox of several nodes', () => {
  it('passes over what another runner is about to claim, without a wait', async () => {
    const storage = storageOn(openPostgres(database));
    const outbox = createOutboxStore(storage.main);
    await outbox.done((await outbox.claim(1000, TYPES, 0)).map(({ event }) => event));
    await pending(storage, 3);
    const rest = await storage.owner.use(async (session) => {
      await session.script('begin; set local role coucou_system');
      await session.query('select from outbox where dead_at is null order by due_at limit 1 for update');
      const claimed = await outbox.claim(10, TYPES);
      await session.script('commit');
      return claimed;
    });
    expect(rest).toHaveLength(2);
    await storage.close();
  });
});
