import type { AccountId } from '@coucou/domain/kernel/ids';
import { refuseInDeferred, sessionToRead } from '../transactions/deferred-write.ts';
import { attempted, refuseNested, transaction } from '../transactions/transaction.ts';
import { type Access, type Session, type SessionPool, setAccount } from './session.ts';

/** One account, read only: for readers, whose statements all see one moment. */
export function readAccount<T>(pool: SessionPool, account: AccountId, work: (session: Session) => Promise<T>): Promise<T> {
  const open = sessionToRead(account);
  if (open !== undefined) return work(open);
  const begin = `begin isolation level repeatable read read only; ${setAccount(account)}`;
  return attempted('read', () => transaction(pool, 'a read', begin, work));
}

/** One account, one statement: a screen costs one round trip. */
export const readOnce = <R>(pool: SessionPool, account: AccountId, text: string, params: readonly unknown[], name: string): Promise<R[]> =>
  once(pool, account, 'read', text, params, name);

/** The same for a statement that writes; the caller publishes its events. */
export const writeOnce = <R>(pool: SessionPool, account: AccountId, text: string, params: readonly unknown[], name: string): Promise<R[]> =>
  once(pool, account, 'write', text, params, name);

async function once<R>(
  pool: SessionPool,
  account: AccountId,
  access: Access,
  text: string,
  params: readonly unknown[],
  name: string,
): Promise<R[]> {
  refuseNested(name);
  if (access === 'write') refuseInDeferred(name);
  const open = access === 'read' ? sessionToRead(account) : undefined;
  if (open !== undefined) return (await open.query<R>(text, params, name)).rows;
  return attempted(access, () => pool.use(async (session) => (await session.inAccount<R>(account, access, text, params, name)).rows));
}
