import type { AccountId } from '@coucou/domain/kernel/ids';
import { LRUCache } from 'lru-cache';
import type { SessionPool } from './session.ts';
import { readOnce } from './unit-of-work.ts';

/** By age, in milliseconds, and by number: a bound on the size allocates nothing for it beforehand. */
const BOUNDS = { ttl: 5_000, maxSize: 10_000, sizeCalculation: () => 1 } as const;

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
  const known = new LRUCache<AccountId, Readonly<{ value: Value }>>(BOUNDS);
  /** Of these nothing is to be remembered. */
  const forgotten = new LRUCache<AccountId, true>(BOUNDS);
  /** Those who ask at once share a question, and go on in the order in which they came. */
  const asking = new Map<AccountId, { answer: Promise<Value>; next: Promise<Value> | undefined }>();

  async function load(account: AccountId): Promise<Value> {
    const start = performance.now();
    const [row] = await readOnce<Record<string, unknown>>(pool, account, sql, [], name);
    const value = read(row);
    if (!forgotten.has(account)) known.set(account, { value }, { start });
    return value;
  }

  function ask(account: AccountId): Promise<Value> {
    const mine: { answer: Promise<Value>; next: Promise<Value> | undefined } = { answer: load(account), next: undefined };
    asking.set(account, mine);
    const end = (): void => {
      if (asking.get(account) === mine) asking.delete(account);
    };
    mine.answer.then(end, end);
    return mine.answer;
  }

  return {
    async of(account) {
      const found = known.get(account);
      if (found !== undefined) return found.value;
      const current = asking.get(account);
      if (current === undefined) return ask(account);
      if (!forgotten.has(account)) return current.answer;
      // That question may be older than the change.
      const again = (): Promise<Value> => ask(account);
      current.next ??= current.answer.then(again, again);
      return current.next;
    },
    forget(account) {
      known.delete(account);
      forgotten.set(account, true);
    },
  };
}

/** Whether something holds of an account; `sql` answers it as `has`. */
export function createAccountFlag(pool: SessionPool, sql: string, name: string) {
  const { of, forget } = createKnownOfAccounts(pool, sql, name, (row) => row?.['has'] === true);
  return { has: of, forget };
}
