import type { AccountId } from '@coucou/domain/kernel/ids';
import type { SessionPool } from './session.ts';
import { readOnce } from './unit-of-work.ts';

/** What is known is this old at most. */
const KNOWN_MS = 5_000;
const MOST_KNOWN = 10_000;

/** Something about accounts, as this process knows it. */
export type KnownOfAccounts<Value> = Readonly<{
  /** The answer may be up to five seconds old, where another node changed it. */
  of(account: AccountId): Promise<Value>;
  /** It may have changed: asks anew for a while, since the change may not be committed yet. */
  forget(account: AccountId): void;
}>;

/**
 * So that an account without something costs one question in five seconds, and not one for each message. `sql` answers one row at most, seen as the
 * account; `name`: of the prepared statement.
 */
export function createKnownOfAccounts<Value>(
  pool: SessionPool,
  sql: string,
  name: string,
  read: (row: Readonly<Record<string, unknown>> | undefined) => Value,
): KnownOfAccounts<Value> {
  const known = new Map<AccountId, Readonly<{ value: Value; at: number }>>();
  /** Since when nothing is to be remembered. */
  const forgotten = new Map<AccountId, number>();
  const isFresh = (at: number | undefined): boolean => at !== undefined && performance.now() - at < KNOWN_MS;

  return {
    async of(account) {
      const found = known.get(account);
      if (found !== undefined && isFresh(found.at)) return found.value;
      const at = performance.now();
      const [row] = await readOnce<Record<string, unknown>>(pool, account, sql, [], name);
      const value = read(row);
      if (isFresh(forgotten.get(account))) return value;
      forgotten.delete(account);
      if (known.size >= MOST_KNOWN) known.clear();
      known.set(account, { value, at });
      return value;
    },
    forget(account) {
      known.delete(account);
      forgotten.set(account, performance.now());
    },
  };
}

/** Whether something holds of an account; `sql` answers it as `has`. */
export function createAccountFlag(pool: SessionPool, sql: string, name: string) {
  const { of, forget } = createKnownOfAccounts(pool, sql, name, (row) => row?.['has'] === true);
  return { has: of, forget };
}
