import type { AccountDirectory } from '@coucou/application/ports/accounts';
import type { Transactions } from '@coucou/application/ports/unit-of-work';
import type { AccountId } from '@coucou/domain/kernel/ids';
import { LRUCache } from 'lru-cache';

/** Accounts hardly change: a hit is cached for a minute, a miss for a second. */
export function createAccountDirectory(transactions: Pick<Transactions, 'system'>): AccountDirectory {
  const cache = new LRUCache<string, { id: AccountId | undefined }>({ max: 10_000 });
  return {
    async byClientKey(clientKey) {
      const cached = cache.get(clientKey);
      if (cached !== undefined) return cached.id;
      const account = await transactions.system('accounts', (tx) => tx.lookupAccount(clientKey));
      cache.set(clientKey, { id: account?.id }, { ttl: account === undefined ? 1_000 : 60_000 });
      return account?.id;
    },
  };
}
