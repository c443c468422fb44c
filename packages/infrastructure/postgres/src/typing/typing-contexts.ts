import type { TypingContext, TypingContexts } from '@coucou/application/ports/typing';
import { asId } from '@coucou/domain/kernel/ids';
import { LRUCache } from 'lru-cache';
import { blockedMembers } from '../blocks/blocked-with.ts';
import { headOf, memberOf } from '../conversations/conversation-head.ts';
import { PAIR_BLOCKED, restrictions, type SnapshotRow, toSnapshot } from '../messages/posting-snapshots.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';

/** $1 conversation, $2 user. */
const LOAD = `
  select c.type, c.settings, h.access_version, c.member_count, m.role, m.left_at, m.posting_muted_until, ${PAIR_BLOCKED} as blocked, ${restrictions('$2')},
    ${blockedMembers('$2', 'c.account_id', 'c.id')} as blocked_with
  from conversation c cross join lateral ${headOf('c.account_id', 'c.id')} h
  join lateral ${memberOf('c.account_id', 'c.id', '$2')} m on m.left_at is null
  where c.id = $1 and c.deleted_at is null`;

/** For how long a removed user's typing may still be taken: with what delivering it takes, others see it end within a second (D7). */
const FRESH_MS = 500;

export function createTypingContexts(pool: SessionPool, max = 20_000): TypingContexts {
  // Refusals are cached too, which bounds the queries of a client that types where it may not. Bounded by size: see
  // `posting-snapshots.ts`.
  const cache = new LRUCache<string, Promise<TypingContext | undefined>>({ maxSize: max, sizeCalculation: () => 1, ttl: FRESH_MS });
  return {
    get(account, conversation, user) {
      const key = `${account}:${conversation}:${user}`;
      const known = cache.get(key);
      if (known !== undefined) return known;
      const loading = readOnce<SnapshotRow & { member_count: number; blocked_with: readonly string[] }>(
        pool,
        account,
        LOAD,
        [conversation, user],
        'typing-context',
      ).then(
        ([row]) =>
          row && {
            snapshot: toSnapshot(row),
            memberCount: row.member_count,
            blockedWith: row.blocked_with.map((id) => asId<'user'>(id)),
          },
      );
      cache.set(key, loading);
      loading.catch(() => cache.delete(key));
      return loading;
    },
  };
}
