import type { AccountId, ApiKeyId } from '@coucou/domain/kernel/ids';

export type ApiKeyUses = Readonly<{
  /** A key was presented, and is good. */
  note: (account: AccountId, id: ApiKeyId) => void;
  /** Writes what is new. After a failure the next use of each key is. */
  flush: () => Promise<void>;
}>;

export type ApiKeyUsesOptions = Readonly<{ write: (account: AccountId, uses: ReadonlyMap<ApiKeyId, Date>) => Promise<void> }>;

const EVERY_MS = 60_000;

/** When API keys were last used, once a minute for each and in the background. An account has few of them. */
export function createApiKeyUses({ write }: ApiKeyUsesOptions): ApiKeyUses {
  const written = new Map<ApiKeyId, number>();
  let waiting = new Map<AccountId, Map<ApiKeyId, Date>>();
  let flushing = Promise.resolve();

  async function flushAll(): Promise<void> {
    const batches = waiting;
    waiting = new Map();
    const results = await Promise.allSettled([...batches].map(([account, uses]) => write(account, uses)));
    const failed = [...batches.values()].filter((_, index) => results[index]?.status === 'rejected');
    for (const uses of failed) for (const id of uses.keys()) written.delete(id);
    const [first] = results.filter((result) => result.status === 'rejected');
    if (first !== undefined) throw first.reason;
  }

  return {
    note(account, id) {
      const at = new Date();
      const before = written.get(id);
      if (before !== undefined && at.getTime() - before < EVERY_MS) return;
      written.set(id, at.getTime());
      const uses = waiting.get(account) ?? new Map<ApiKeyId, Date>();
      waiting.set(account, uses.set(id, at));
    },
    flush: () => (flushing = flushing.catch(() => {}).then(flushAll)),
  };
}
