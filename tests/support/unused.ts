import type { AccountId } from '@coucou/domain/kernel/ids';
import type { Subscriber } from '@coucou/application/kernel/subscriber';
import type { SessionPool } from '@coucou/postgres/kit/session';
import { expect } from 'vitest';
import { openOwnPostgres, openPglite } from '../storage/engines.ts';
import { counted, storageOn } from '../storage/test-storage.ts';
import { hasPostgres } from './database.ts';
import { createAccount, ids } from './fixtures.ts';

type Directory = Readonly<{ forget: (account: AccountId) => void }>;

const posted = (account: AccountId) => ({
  id: ids.next(),
  account,
  type: 'message.posted',
  conversationId: ids.next<'conversation'>(),
  messageIds: [ids.next<'message'>()],
  version: 2,
});

/**
 * What a feature costs an account that does not use it: one question in five seconds, however many messages there are. `ask`: what its subscribers
 * ask the directory; `named`: among their ports.
 */
export async function expectOneQuestion<D extends Directory>(
  subscribers: readonly Subscriber[],
  open: (pool: SessionPool) => D,
  ask: (directory: D, account: AccountId) => Promise<boolean>,
  named = 'directory',
): Promise<void> {
  const storage = storageOn(await (hasPostgres() ? openOwnPostgres() : openPglite()));
  try {
    const account = await createAccount(storage.uow);
    const pool = counted(storage.main);
    const directory = open(pool);
    const untouched = () => Promise.reject(new Error('nothing is written'));
    const ports = {
      uow: { read: untouched, write: untouched, system: untouched },
      clock: { now: () => new Date() },
      ids,
      [named]: directory,
    };
    for (let at = 0; at < 100; at += 1) for (const { run } of subscribers) await run(ports as never, [posted(account)]);
    expect(pool.count).toEqual({ lent: 1, queries: 1 });

    // What was changed here is asked for each time, until the change is committed for certain.
    directory.forget(account);
    for (let at = 0; at < 3; at += 1) expect(await ask(directory, account)).toBe(false);
    expect(pool.count.queries).toBe(4);

    // Of those who ask at once the first one asks, then one for all who came after it; they go on in their order.
    const order: number[] = [];
    const at = Array.from({ length: 20 }, (_, index) => index);
    await Promise.all(at.map(async (index) => void order.push(...((await ask(directory, account)) ? [] : [index]))));
    expect([pool.count.queries, order]).toEqual([6, at]);
  } finally {
    await storage.close();
  }
}
