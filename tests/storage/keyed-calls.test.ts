import type { KeptAnswer, KeyedCall } from '@coucou/application/ports/keyed-calls';
import { feedEntryAdded } from '@coucou/application/users/user-events';
import { errors } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { User } from '@coucou/domain/users/user';
import { createKeyedCalls } from '@coucou/postgres/idempotency/keyed-calls';
import { createReceiptLog } from '@coucou/postgres/receipts/receipt-log';
import { createUserReader } from '@coucou/postgres/users/user-reader';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAccount, createGroup, createPeople, ids } from '../support/fixtures.ts';
import { until } from '../support/until.ts';
import { engines } from './engines.ts';
import { storageOn, type TestStorage } from './test-storage.ts';

/** Calls with an idempotency key, one transaction at a time: what ends one, and what it may hold. */

describe.each(engines)('a keyed call on %s', (engine, open) => {
  let storage: TestStorage;
  let account: AccountId;
  let key: string;
  beforeAll(async () => {
    storage = storageOn(await open());
  });
  afterAll(() => storage.close());
  beforeEach(async () => {
    storage.published.length = 0;
    account = await createAccount(storage.uow);
    key = ids.next();
  });

  const caller = ids.next();
  const calls = () => createKeyedCalls(storage.main);
  const called = (more: Partial<KeyedCall> = {}): KeyedCall => ({ account, caller, key, fingerprint: 'f'.repeat(64), ...more });
  const done: KeptAnswer = { status: 201, body: '{"done":true}' };
  const newUser = () =>
    User.signUp({
      accountId: account,
      id: ids.next(),
      username: `u${ids.next()}`,
      email: undefined,
      displayName: 'Alice',
      now: new Date(),
    });
  const add = (user = newUser()) => storage.uow.write(account, (tx) => tx.users.add(user, 'no hash'));
  /** The write that every call here makes. */
  const adding = async () => (await add(), done);
  const countUsers = async () => {
    const [row] = await storage.ask<{ n: number }>('coucou_app', account, 'select count(*)::int as n from app_user');
    return row?.n;
  };
  const records = () => storage.ask('coucou_app', account, 'select status, body from idempotency_record');

  it('commits its effect and its record together, and publishes after that', async () => {
    const [user, at] = [newUser(), new Date()];
    const seen: unknown[] = [];
    await calls().once(called(), async () => {
      await storage.uow.write(account, async (tx) => {
        await tx.users.add(user, 'no hash');
        tx.emit(feedEntryAdded({ userId: user.id, kind: 'preferences.updated', payload: { at: at.toISOString() } }));
      });
      seen.push(storage.published.length);
      return done;
    });
    expect(seen).toEqual([0]);
    expect(storage.published).toHaveLength(1);
    expect([await countUsers(), await records()]).toEqual([1, [done]]);
  });

  it('is undone as a whole by what is thrown after its write', async () => {
    const failing = calls().once(called(), async () => {
      await add();
      throw errors.FORBIDDEN();
    });
    await expect(failing).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect([await countUsers(), await records(), storage.published]).toEqual([0, [], []]);
    expect(await calls().once(called(), adding)).toEqual({ ...done, replayed: false });
  });

  it('is undone as a whole when its answer is too large to keep', async () => {
    const large = calls().once(called(), async () => ({ ...(await adding()), body: JSON.stringify('x'.repeat(1_048_576)) }));
    await expect(large).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    expect([await countUsers(), await records()]).toEqual([0, []]);
    const largest = { status: 201, body: JSON.stringify('x'.repeat(1_048_574)) };
    expect(await calls().once(called(), async () => (await add(), largest))).toEqual({ ...largest, replayed: false });
  });

  it('reads what it wrote, in every way that there is', async () => {
    const user = newUser();
    const reader = createUserReader(storage.main);
    await calls().once(called(), async () => {
      expect(await reader.find(account, user.id, user.id)).toBeUndefined();
      await add(user);
      expect(await reader.find(account, user.id, user.id)).toMatchObject({ user: { id: user.id } });
      expect(await storage.uow.read(account, (tx) => tx.users.lookup(user.id))).toMatchObject({ id: user.id });
      await storage.syncReader.read(account, user.id, async () => {});
      return done;
    });
    expect(await countUsers()).toBe(1);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a second write', () => add()],
    ['a write in another account', () => storage.uow.write(ids.next(), async () => {})],
    ['an append', async () => storage.log.append({ draft: {} as never, asSent: {} })],
    ['a receipt', async () => createReceiptLog({ pool: storage.main, observer: {} as never }).mark(account, ids.next(), [])],
    ['work of the system', () => storage.uow.system('accounts', async () => {})],
  ])('holds not %s, and is undone by it', async (_, other) => {
    const twice = calls().once(called(), async () => {
      await add();
      await other();
      return done;
    });
    await expect(twice).rejects.toThrow('its operation must not take one');
    expect([await countUsers(), await records()]).toEqual([0, []]);
  });

  it('writes nothing more once its write has failed, since it is answered with that failure', async () => {
    const user = newUser();
    await add(user);
    const again = calls().once(called(), async () => {
      await add(user).catch(() => add());
      return done;
    });
    await expect(again).rejects.toThrow('its operation must not take one');
    expect([await countUsers(), await records()]).toEqual([1, []]);
    expect(await calls().once(called(), adding)).toEqual({ ...done, replayed: false });
  });

  it('lets what is apart from it write, whatever becomes of it', async () => {
    const keyed = calls();
    const failing = keyed.once(called(), async () => {
      await keyed.apart(() => add());
      await add();
      throw errors.FORBIDDEN();
    });
    await expect(failing).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(await countUsers()).toBe(1);
  });

  it('does afterwards what was put off, if it is committed', async () => {
    const keyed = calls();
    const order: string[] = [];
    const work = async (outcome: () => KeptAnswer) => {
      await add();
      keyed.afterwards(() => void order.push('afterwards'));
      order.push('answered');
      return outcome();
    };
    await keyed.once(called(), () => work(() => done));
    expect(order).toEqual(['answered', 'afterwards']);
    const refused = keyed.once(called({ key: 'another' }), () =>
      work(() => {
        throw errors.FORBIDDEN();
      }),
    );
    await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN' });
    expect(order).toEqual(['answered', 'afterwards', 'answered']);
    keyed.afterwards(() => void order.push('at once'));
    expect(order.at(-1)).toBe('at once');
  });

  it('keeps nothing of a call that is still running: others are told, or wait and get its answer', async () => {
    const gate = Promise.withResolvers<void>();
    const written = Promise.withResolvers<void>();
    const first = calls().once(called(), async () => {
      await add();
      written.resolve();
      await gate.promise;
      return done;
    });
    await written.promise;
    const second = calls()
      .once(called(), adding)
      .then(
        ({ replayed }) => replayed,
        ({ code, details }: { code: string; details: object }) => [code, details],
      );
    // The embedded database has one connection: there the second waits for the first.
    if (engine === 'PostgreSQL') await second;
    gate.resolve();
    const told = engine === 'PGlite' ? true : ['IDEMPOTENCY_IN_PROGRESS', { retryAfterSeconds: 1 }];
    expect([await first, await second]).toEqual([{ ...done, replayed: false }, told]);
    expect([await countUsers(), await calls().once(called(), adding)]).toEqual([1, { ...done, replayed: true }]);
  });

  it('is refused for another request, also one that came while the first was running', async () => {
    await calls().once(called(), adding);
    const other = called({ fingerprint: 'e'.repeat(64) });
    await expect(calls().once(other, adding)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_CONFLICT' });
    const late = calls().once({ ...other, key: 'late' }, async () => {
      // Another call is done between the look and the write.
      await calls().apart(() => calls().once(called({ key: 'late' }), adding));
      return adding();
    });
    await expect(late).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_CONFLICT' });
    expect(await countUsers()).toBe(2);
  });

  it('is answered as the call that was done between its look and its write', async () => {
    const late = await calls().once(called(), async () => {
      await calls().apart(() => calls().once(called(), adding));
      return adding();
    });
    expect(late).toEqual({ ...done, replayed: true });
    expect(await countUsers()).toBe(1);
  });

  it('may write nothing: it is done once all the same', async () => {
    const nothing: KeptAnswer = { status: 204, body: undefined };
    expect(await calls().once(called(), async () => nothing)).toEqual({ ...nothing, replayed: false });
    expect(await calls().once(called(), adding)).toEqual({ ...nothing, replayed: true });
    expect(await countUsers()).toBe(0);
  });

  it.runIf(engine === 'PostgreSQL')('is undone when its connection ends in the middle, and its key is free at once', async () => {
    const HOLDER = `select pg_terminate_backend(pid) from pg_locks
      where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`;
    const cut = calls().once(called(), async () => {
      await add();
      await storage.main.use(async (session) => {
        await session.script('reset role');
        expect((await session.query(HOLDER)).rows).toHaveLength(1);
        await session.script('set role coucou_app');
      });
      return done;
    });
    await expect(cut).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    await until(
      async () =>
        (await calls()
          .once(called(), adding)
          .catch(() => undefined)) !== undefined,
      { what: 'the retry' },
    );
    expect(await countUsers()).toBe(1);
  });

  it.runIf(engine === 'PostgreSQL')('is done again after a deadlock, and committed once', async () => {
    const { account: at, alice, bob } = await createPeople(storage.uow, 'alice', 'bob');
    account = at;
    const [one, two] = [await createGroup(storage.uow, at, [alice, bob]), await createGroup(storage.uow, at, [alice, bob])];
    const reached = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
    let attempts = 0;
    const crossing = (mine: 0 | 1) => async () => {
      await storage.uow.write(at, async (tx) => {
        attempts += 1;
        await tx.conversations.lock(mine === 0 ? one : two);
        reached[mine].resolve();
        await reached[1 - mine]?.promise;
        await tx.conversations.lock(mine === 0 ? two : one);
      });
      return done;
    };
    const both = await Promise.all([0, 1].map((mine) => calls().once(called({ key: `crossing ${mine}` }), crossing(mine as 0 | 1))));
    expect(both).toEqual([0, 1].map(() => ({ ...done, replayed: false })));
    expect(attempts).toBeGreaterThan(2);
    expect(await records()).toHaveLength(2);
  });
});
