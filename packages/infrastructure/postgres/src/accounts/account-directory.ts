import type { AccountDirectory } from '@coucou/application/ports/accounts';
import type { Transactions } from '@coucou/application/ports/unit-of-work';
import { LONGEST_CLIENT_KEY } from '@coucou/domain/accounts/account';
import { errors } from '@coucou/domain/kernel/errors';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { LRUCache } from 'lru-cache';

/** Keys that may wait for the next look-up. */
const MOST_WAITING = 1_000;

type Lookup = PromiseWithResolvers<AccountId | undefined>;

/**
 * Accounts hardly change: a hit is cached for a minute, a miss for a second. Anybody may send keys that name nothing, so misses have a
 * cache of their own, which evicts no account, and all keys that arrive during one look-up share the next: however many there are, one
 * transaction runs at a time.
 */
export function createAccountDirectory(transactions: Pick<Transactions, 'system'>): AccountDirectory {
  const hits = new LRUCache<string, AccountId>({ max: 10_000, ttl: 60_000 });
  const misses = new LRUCache<string, true>({ max: 1_000, ttl: 1_000 });
  let waiting = new Map<string, Lookup>();
  let running: ReadonlyMap<string, Lookup> | undefined;

  async function lookUp(keys: ReadonlyMap<string, Lookup>): Promise<void> {
    try {
      const accounts = await transactions.system('accounts', (tx) => tx.lookupAccounts([...keys.keys()]));
      const found = new Map(accounts.map(({ clientKey, id }) => [clientKey, id]));
      for (const [key, { resolve }] of keys) {
        const id = found.get(key);
        if (id === undefined) misses.set(key, true);
        else hits.set(key, id);
        resolve(id);
      }
    } catch (error) {
      for (const { reject } of keys.values()) reject(error);
    }
  }

  async function run(): Promise<void> {
    while (waiting.size > 0) {
      running = waiting;
      waiting = new Map();
      await lookUp(running);
    }
    running = undefined;
  }

  return {
    async byClientKey(clientKey) {
      const id = hits.get(clientKey);
      if (id !== undefined) return id;
      if (clientKey.length > LONGEST_CLIENT_KEY || misses.has(clientKey)) return undefined;
      const pending = running?.get(clientKey) ?? waiting.get(clientKey);
      if (pending !== undefined) return pending.promise;
      if (waiting.size >= MOST_WAITING) throw errors.OVERLOADED();
      const lookup: Lookup = Promise.withResolvers();
      waiting.set(clientKey, lookup);
      if (running === undefined) void run();
      return lookup.promise;
    },
  };
}
