import type { AccountId } from '@coucou/domain/kernel/ids';
import { attempted, refuseNested, transaction } from '../transactions/transaction.ts';
import { type Access, type Session, type SessionPool, setAccount } from './session.ts';

/** One account, read only: for readers, whose statements all see one moment. */
export const readAccount = <T>(pool: SessionPool, account: AccountId, work: (session: Session) => Promise<T>): Promise<T> =>
  attempted('read', () => transaction(pool, 'a read', `begin isolation level repeatable read read only; ${setAccount(account)}`, work));

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
  return attempted(access, () => pool.use(async (session) => (await session.inAccount<R>(account, access, text, params, name)).rows));
}
