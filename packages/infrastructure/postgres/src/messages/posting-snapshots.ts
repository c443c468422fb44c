import type { PostingSnapshots } from '@coucou/application/ports/posting-snapshots';
import { defaultSettings } from '@coucou/domain/conversations/conversation';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { PostingSnapshot } from '@coucou/domain/messages/message';
import { LRUCache } from 'lru-cache';
import { blockBetween } from '../blocks/blocked-with.ts';
import { headOf, memberOf } from '../conversations/conversation-head.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';

export type SnapshotRow = Readonly<{
  type: 'direct' | 'group';
  settings: PostingSnapshot['settings'];
  access_version: number;
  role: 'owner' | 'admin' | 'moderator' | 'member' | null;
  left_at: Date | null;
  posting_muted_until: Date | null;
  blocked: boolean;
  suspended: boolean;
  muted_until: Date | null;
}>;

/** Whether the person of the parameter is suspended. */
export const suspended = (user: string): string => `exists (select from app_user p where p.id = ${user} and is_suspended(p.suspended_at))`;

/** Until when the person of the parameter writes nowhere in the account. */
const mutedUntil = (user: string): string => `(select p.muted_until from app_user p where p.id = ${user})`;

/** Both, as a snapshot has them. */
export const restrictions = (user: string): string => `${suspended(user)} as suspended, ${mutedUntil(user)} as muted_until`;

/** `c` is a direct conversation, and one of the two blocked the other, or was deleted. */
export const PAIR_BLOCKED = `(c.type = 'direct' and (${blockBetween('c.direct_lower', 'c.direct_higher')} or exists (
    select from app_user g where g.account_id = c.account_id and g.id in (c.direct_lower, c.direct_higher) and g.deleted_at is not null)))`;

const LOAD = `
  select c.type, c.settings, h.access_version, m.role, m.left_at, m.posting_muted_until, ${PAIR_BLOCKED} as blocked, ${restrictions('$2')}
  from conversation c cross join lateral ${headOf('c.account_id', 'c.id')} h left join lateral ${memberOf('c.account_id', 'c.id', '$2')} m on true
  where c.id = $1 and c.deleted_at is null`;

export function toSnapshot({ type, settings, access_version: accessVersion, role, ...row }: SnapshotRow): PostingSnapshot {
  const member =
    role === null ? undefined : { role, leftAt: row.left_at ?? undefined, postingMutedUntil: row.posting_muted_until ?? undefined };
  const { blocked, suspended: isSuspended, muted_until: muted } = row;
  return {
    type,
    settings: { ...defaultSettings, ...settings },
    accessVersion,
    member,
    blocked,
    suspended: isSuspended,
    mutedUntil: muted ?? undefined,
  };
}

/** Snapshots are small and verified by each append, so they stay cached until evicted. */
export function createPostingSnapshots(pool: SessionPool, max = 50_000): PostingSnapshots {
  // Bounded by size: an LRU cache bounded by number allocates arrays of that length at once, which takes 20 ms for 50,000.
  const cache = new LRUCache<string, PostingSnapshot>({ maxSize: max, sizeCalculation: () => 1 });
  /** Concurrent loads are shared, so that sends that arrive together keep their order. */
  const loading = new Map<string, Promise<PostingSnapshot | undefined>>();

  async function load(account: AccountId, conversation: ConversationId, user: UserId): Promise<PostingSnapshot | undefined> {
    const [row] = await readOnce<SnapshotRow>(pool, account, LOAD, [conversation, user], 'posting-snapshot');
    return row && toSnapshot(row);
  }

  const keyOf = (account: AccountId, conversation: ConversationId, user: UserId) => `${account}:${conversation}:${user}`;

  const reload: PostingSnapshots['reload'] = async (account, conversation, user) => {
    const key = keyOf(account, conversation, user);
    const snapshot = await load(account, conversation, user);
    // Only snapshots that allow posting are cached: a refusal is always decided on a fresh one.
    if (snapshot?.member !== undefined && snapshot.member.leftAt === undefined) cache.set(key, snapshot);
    else cache.delete(key);
    return snapshot;
  };

  return {
    get(account, conversation, user) {
      const key = keyOf(account, conversation, user);
      const cached = cache.get(key);
      if (cached !== undefined) return Promise.resolve(cached);
      let pending = loading.get(key);
      if (pending === undefined) {
        pending = reload(account, conversation, user).finally(() => loading.delete(key));
        loading.set(key, pending);
      }
      return pending;
    },
    reload,
  };
}
