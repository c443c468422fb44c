import type { CurrentMembers, Following } from '@coucou/application/ports/current-members';
import { asId } from '@coucou/domain/kernel/ids';
import type { SessionPool } from '../kit/session.ts';
import { asServer } from '../kit/turns.ts';
import { readOnce } from '../kit/unit-of-work.ts';
import { unnestGiven } from '../kit/unnest.ts';
import { headOf } from './conversation-head.ts';

/** A minute is longer than an event takes from node to node, so that for older joins no earlier event can still arrive. */
const JOINED = `case when m.joined_at > clock_now() - interval '1 minute' then m.joined_version else 0 end as joined_version`;

const OF_USER = `
  select m.conversation_id as id, h.access_version, h.version, h.receipts_version, ${JOINED} from member m
  cross join lateral ${headOf('m.account_id', 'm.conversation_id')} h
  where m.user_id = $1 and m.left_at is null
  order by h.active_at desc limit $2`;

const OF_USERS = `
  select u.place::int, f.* from ${unnestGiven('$1::uuid[]')} with ordinality u (id, place)
  cross join lateral (
    select m.conversation_id as id, h.access_version, h.version, h.receipts_version, ${JOINED} from member m
    cross join lateral ${headOf('m.account_id', 'm.conversation_id')} h
    where m.user_id = u.id and m.left_at is null
    order by h.active_at desc limit $2
  ) f`;

const PRESENT = `
  select h.access_version, (
    select json_object_agg(m.user_id, m.joined_version) from member m
    where m.account_id = h.account_id and m.conversation_id = h.conversation_id and m.user_id = any($2::uuid[]) and m.left_at is null
  ) as joined
  from conversation_head h where h.conversation_id = $1 order by h.era desc limit 1`;

type FollowingRow = Readonly<{ id: string; access_version: number; version: number; receipts_version: number; joined_version: number }>;

const followingOf = (row: FollowingRow): Following => ({
  conversationId: asId(row.id),
  accessVersion: row.access_version,
  version: row.version,
  receiptsVersion: row.receipts_version,
  joinedVersion: row.joined_version,
});

export function createCurrentMembers(pool: SessionPool): CurrentMembers {
  return {
    async ofUser(account, user, limit) {
      const rows = await readOnce<FollowingRow>(pool, account, OF_USER, [user, limit], 'memberships-of-user');
      return rows.map(followingOf);
    },
    async ofUsers(account, users, limit) {
      const rows = await asServer('followings', () =>
        readOnce<FollowingRow & { place: number }>(pool, account, OF_USERS, [users, limit], 'memberships-of-users'),
      );
      const of = Map.groupBy(rows, ({ place }) => place);
      const followings = users.map((user, at) => [user, (of.get(at + 1) ?? []).map(followingOf)] as const);
      return new Map(followings.filter(([, own]) => own.length > 0));
    },
    async present(account, conversation, among) {
      const rows = await readOnce<{ access_version: number; joined: Record<string, number> | null }>(
        pool,
        account,
        PRESENT,
        [conversation, among],
        'present-members',
      );
      const [row] = rows;
      return {
        accessVersion: row?.access_version ?? 0,
        joined: new Map(Object.entries(row?.joined ?? {}).map(([id, version]) => [asId<'user'>(id), version])),
      };
    },
  };
}
