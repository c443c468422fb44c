import { token } from '@coucou/application/kernel/token';
import { noTracer } from '@coucou/application/ports/tracer';
import { feedEntryAdded } from '@coucou/application/users/user-events';
import { createSystemRepository } from '@coucou/postgres/accounts/system-repository';
import { repository } from '@coucou/postgres/kit/storage-parts';
import { createOutboxStore } from '@coucou/postgres/outbox/outbox-store';
import { corePersonalData } from '@coucou/postgres/schema/personal/core';
import { createTransactions } from '@coucou/postgres/transactions/transactions';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { engines } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';
import { createGroup, createPeople, range, sendAll, sending } from '../support/fixtures.ts';

/** What a repository would see of its transaction. */
type Waits = Readonly<{ forTheDisk(): Promise<string> }>;
const Waits = token<Waits>('Waits');
const waits = repository<Waits, object>(Waits, (db) => ({
  async forTheDisk() {
    const { rows } = await sql<{ now: string }>`select current_setting('synchronous_commit') as now`.execute(db);
    return rows[0]?.now ?? '';
  },
}));
const transactionsOn = ({ main }: TestStorage) =>
  createTransactions({
    pool: main,
    live: { publish() {} },
    stored: () => undefined,
    repositories: [waits],
    personalData: corePersonalData,
    tracer: noTracer,
    system: createSystemRepository,
  });

describe.each(engines)('effects of the outbox on %s', (_, open) => {
  let storage: TestStorage;
  const worker = () => createOutboxStore(storage.main).worker(['message.posted']);
  const owner = (text: string) => storage.owner.use((session) => session.script(text));
  /** Nobody has heard of any worker for longer than a lease. */
  const silence = () => owner(`update outbox_worker set lease_until = clock_timestamp() - interval '1 second'`);
  async function pending(count: number): Promise<void> {
    const { account: accountId, alice: senderId } = await createPeople(storage.uow, 'alice');
    const requests = [];
    for (const _unused of range(1, count))
      requests.push(sending({ accountId, conversationId: await createGroup(storage.uow, accountId, [senderId]), senderId }));
    await sendAll(storage.createLog({ announce: true }), requests);
  }
  beforeAll(async () => {
    storage = storageOn(await open());
  });
  afterAll(() => storage.close());
  beforeEach(() => owner('truncate outbox, outbox_worker'));

  it('refuses the transaction of an effect whose claim was lost', async () => {
    await pending(2);
    const { account, alice } = await createPeople(storage.uow, 'alice');
    const rename = (displayName: string) => async () => {
      await storage.uow.write(account, async (tx) => {
        const user = await tx.users.lookup(alice);
        if (user !== undefined) await tx.users.updateProfile({ ...user, displayName });
      });
    };
    const nameNow = async () => (await storage.uow.read(account, (tx) => tx.users.lookup(alice)))?.displayName;
    const one = worker();
    await one.claim(1);
    expect(await one.effect(rename('in time'))).toBe(true);
    await silence();
    await worker().releaseExpired();
    expect(await one.effect(rename('too late'))).toBe(false);
    expect(await nameNow()).toBe('in time');
    // Work that swallows the refusal of the fence commits nothing either.
    const heedless = () => storage.uow.write(account, async (tx) => void (await tx.users.lookup(alice).catch(() => {})));
    const lost = worker();
    await lost.claim(1);
    await silence();
    await worker().releaseExpired();
    expect(await lost.effect(heedless)).toBe(false);
    // It goes on as another.
    expect((await one.claim(1)).events).toHaveLength(1);
    expect(await one.effect(rename('again in time'))).toBe(true);
    await expect(one.effect(() => Promise.reject(new Error('its own fault')))).rejects.toThrow('its own fault');
    await one.giveUp();
    expect((await worker().claim(10)).events).toHaveLength(2);
  });

  it('waits for the WAL flush of an effect, unless its subscriber has asynchronous commit', async () => {
    await pending(1);
    const { account, alice: userId } = await createPeople(storage.uow, 'alice');
    const one = worker();
    await one.claim(1);
    const seen: string[] = [];
    const look = () => transactionsOn(storage).write(account, async (tx) => void seen.push(await tx.repository(Waits).forTheDisk()));
    await one.effect(look);
    await one.effect(look, { synced: false });
    await look();
    expect(seen).toEqual(['on', 'off', 'on']);
    const entry = feedEntryAdded({ userId, kind: 'block.changed', payload: {} });
    const announce = () => storage.uow.write(account, async (tx) => tx.emit(entry));
    await expect(one.effect(announce, { synced: false })).rejects.toThrow('an event in a subscriber with asynchronous commit');
  });
});
