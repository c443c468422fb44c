import type { AccountId } from '@coucou/domain/kernel/ids';
import type { SessionPool } from '@coucou/postgres/kit/session';
import { readOnce } from '@coucou/postgres/kit/unit-of-work';
import type { WebhookDirectory } from '../application/webhook-repository.ts';

/** What is known is this old at most. */
const KNOWN_MS = 5_000;
const MOST_KNOWN = 10_000;

const HAS = 'select exists (select from webhook where disabled_at is null and deleted_at is null) as has';

/** So that an account without webhooks costs one question in five seconds, and not one for each message. */
export function createWebhookDirectory(pool: SessionPool): WebhookDirectory {
  const known = new Map<AccountId, Readonly<{ has: boolean; at: number }>>();
  /** Since when nothing is to be remembered. */
  const forgotten = new Map<AccountId, number>();
  const isFresh = (at: number | undefined): boolean => at !== undefined && performance.now() - at < KNOWN_MS;

  return {
    async has(account) {
      const found = known.get(account);
      if (found !== undefined && isFresh(found.at)) return found.has;
      const at = performance.now();
      const [row] = await readOnce<{ has: boolean }>(pool, account, HAS, [], 'webhooks-has');
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
