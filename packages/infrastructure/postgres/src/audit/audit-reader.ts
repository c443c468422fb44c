import type { AuditFilter, AuditReader } from '@coucou/application/audit/audit-reader';
import type { LoggedEntry } from '@coucou/domain/audit/audit-entry';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { decodeCursor, encodeCursor, moment } from '../kit/cursor.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';
import { toAuditEntry } from './audit-log-repository.ts';
import type { AuditEntryTable } from './tables.ts';

/** As many entries are looked at for one page: a search for what is rare answers short pages, and does not read the whole log at once. */
const MOST_LOOKED_AT = 5_000;

/**
 * $1, $2 the keyset that the page comes after, $3 since when, $4 how many are looked at, $5 limit, $6 to $10 what is left to compare, $11 what
 * is sought by index. Of what was looked at also the last, with which the next page goes on.
 */
const list = (sought: string): string => `
  with seen as materialized (
    select e.* from audit_entry e
    where ${sought} (e.at, e.id) < ($1::text::timestamptz, $2::uuid) and e.at >= $3::text::timestamptz
    order by e.at desc, e.id desc limit $4
  ),
  found as (
    select * from seen e
    where ($6::text is null or e.action = $6) and ($7::text is null or e.actor_kind = $7) and ($8::uuid is null or e.actor_id = $8)
      and ($9::text is null or e.target_type = $9)
      and ($10::text is null
        or strpos(lower(concat_ws(' ', e.action, e.ip, e.user_agent, e.request_id, e.details::text)), lower($10)) > 0)
    order by e.at desc, e.id desc limit $5
  )
  select f.*, a.number::text, encode(a.hash, 'hex') as hash, s.seen::integer, s.last_at, s.last_id
  from (
    select count(*) as seen, min(at) as last_at, (array_agg(id order by at, id))[1] as last_id from seen
   ) s left join found f on true left join audit_seal a on a.account_id = f.account_id and a.entry_id = f.id order by f.at desc, f.id desc`;

/** Each by its own index; the rarest first. */
const statements = {
  'audit-of-target': list('e.target_id = $11 and'),
  'audit-of-actor': list('e.actor_id = $11 and'),
  'audit-of-action': list('e.action = $11 and'),
  'audit-all': list('$11::text is null and'),
};

/** What is sought by index, and what is left to compare. */
function planOf({ targetId, actorId, action, ...rest }: AuditFilter) {
  if (targetId !== undefined) return { name: 'audit-of-target', sought: targetId, actorId, action, ...rest } as const;
  if (actorId !== undefined) return { name: 'audit-of-actor', sought: actorId, actorId: undefined, action, ...rest } as const;
  if (action !== undefined) return { name: 'audit-of-action', sought: action, actorId, action: undefined, ...rest } as const;
  return { name: 'audit-all', sought: null, actorId, action, ...rest } as const;
}

const key = z.tuple([moment, z.uuid()]);

type Row = Selectable<AuditEntryTable> & Readonly<{ number: string | null; hash: string; seen: number; last_at: Date; last_id: string }>;

const toLogged = (row: Row): LoggedEntry => ({
  ...toAuditEntry(row),
  seal: row.number === null ? undefined : { number: Number(row.number), hash: row.hash },
});

const NO_ID = '00000000-0000-0000-0000-000000000000';

export function createAuditReader(pool: SessionPool): AuditReader {
  return {
    async list(account, filter, { limit, cursor }) {
      const { since, before } = filter;
      const [after, id] = cursor === undefined ? [before?.toISOString() ?? 'infinity', NO_ID] : decodeCursor('audit-logs', key, cursor);
      const { name, sought, ...rest } = planOf(filter);
      const left = [rest.action, rest.actorKind, rest.actorId, rest.targetType, rest.q].map((value) => value ?? null);
      const mostSeen = left.every((value) => value === null) ? limit + 1 : MOST_LOOKED_AT;
      const params = [after, id, since?.toISOString() ?? '-infinity', mostSeen, limit + 1, ...left, sought];
      const rows = await readOnce<Row>(pool, account, statements[name], params, name);
      const found = rows.filter((row) => row.id !== null);
      const items = found.slice(0, limit).map(toLogged);
      const last = items.at(-1);
      const [looked] = rows;
      const at = (time: Date, entry: string) => encodeCursor('audit-logs', [time.toISOString(), entry]);
      if (found.length > limit && last !== undefined) return { items, nextCursor: at(last.at, last.id) };
      if (looked?.seen === MOST_LOOKED_AT) return { items, nextCursor: at(looked.last_at, looked.last_id) };
      return { items, nextCursor: undefined };
    },
  };
}
