import type { FeedPage } from '@coucou/application/sync/sync-reader';
import type { UserId } from '@coucou/domain/kernel/ids';
import type { Session } from '../kit/session.ts';

const FEED = `
  select u.user_version as current, e.version, e.kind, e.payload, e.created_at
  from app_user u left join lateral (
    select * from user_event e where e.account_id = u.account_id and e.user_id = u.id and e.version > $2 order by e.version limit $3
  ) e on true
  where u.id = $1 order by e.version`;

type FeedRow = Readonly<{ current: number; version: number | null; kind: string; payload: Record<string, unknown>; created_at: Date }>;

/** What is after every entry: asked with it, the feed answers its version alone. */
const END = Number.MAX_SAFE_INTEGER;

/**
 * The entries of a person's own feed after the version held. Without one, or when the log cannot lead on from it (it was never given, it
 * was trimmed, the database was restored), the current version is answered and nothing else.
 */
export async function readFeed(
  session: Session,
  viewer: UserId,
  held: number | undefined,
  limit: number,
  restored: boolean,
): Promise<FeedPage> {
  const from = restored ? undefined : held;
  const { rows } = await session.query<FeedRow>(FEED, [viewer, from ?? END, limit + 1], 'sync-feed');
  const current = rows[0]?.current ?? 0;
  const entries = rows.flatMap(({ version, kind, payload, created_at: at }) => (version === null ? [] : [{ version, kind, payload, at }]));
  if (held === undefined) return { version: current, events: [], hasMore: false, reset: false };
  if (from === undefined || from > current || (from < current && entries[0]?.version !== from + 1))
    return { version: current, events: [], hasMore: false, reset: true };
  const events = entries.slice(0, limit);
  return { version: events.at(-1)?.version ?? current, events, hasMore: entries.length > limit, reset: false };
}
