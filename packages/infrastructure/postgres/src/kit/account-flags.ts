import type { AccountId } from '@coucou/domain/kernel/ids';
import type { SessionPool } from './session.ts';
import { readOnce } from './unit-of-work.ts';

/** What is known is this old at most. */
const KNOWN_MS = 5_000;
const MOST_KNOWN = 10_000;

/** Whether something holds of an account, as this process knows it. */
export type AccountFlag = Readonly<{
  /** The answer may be up to five seconds old, where another node changed it. */
  has(account: AccountId): Promise<boolean>;
  /** It may have changed: asks anew for a while, since the change may not be committed yet. */
  forget(account: AccountId): void;
}>;

/**
 * So that an account without something costs one question in five seconds, and not one for each message. `sql` answers one row with `has`, seen as the
 * account; `name`: of the prepared statement.
 */
export function createAccountFlag(pool: SessionPool, sql: string, name: string): AccountFlag {
  const known = new Map<AccountId, Readonly<{ has: boolean; at: number }>>();
  /** Since when nothing is to be remembered. */
  const forgotten = new Map<AccountId, number>();
  const isFresh = (at: number | undefined): boolean => at !== undefined && performance.now() - at < KNOWN_MS;

  return {
    async has(account) {
      const found = known.get(account);
      if (found !== undefined && isFresh(found.at)) return found.has;
      const at = performance.now();
      const [row] = await readOnce<{ has: boolean }>(pool, account, sql, [], name);
      const has = row?.has === true;
      if (isFresh(forgotten.get(account))) return has;
      forgotten.delete(account);
      if (known.size >= MOST_KNOWN) known.clear();
      known.set(account, { has, at });
      return has;
    },
    forget(account) {
      known.delete(account);
      forgotten.set(account, performance.now());
    },
  };
}
