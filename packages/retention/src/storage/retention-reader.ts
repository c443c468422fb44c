import { asId } from '@coucou/domain/kernel/ids';
import type { SessionPool } from '@coucou/postgres/kit/session';
import { readOnce } from '@coucou/postgres/kit/unit-of-work';
import type { RetentionReader } from '../application/retention-repository.ts';
import { plansOf } from './tables.ts';

/**
 * Of a page of conversations, what would be trimmed of each: $1 the one asked about, $2 the last of the page before, $3 how many, $4 now, $5 whether a policy is given, $6 and
 * $7 its limits. A file counts that only messages of the conversation use which would go.
 */
const FIGURES = `
  select c.id, t.held, greatest(0, t.target - c.first_seq + 1) as messages, coalesce(f.files, 0) as files, coalesce(f.bytes, 0) as bytes
  from (
    select * from conversation where ($1::uuid is null or id = $1) and ($2::uuid is null or id > $2) order by id limit $3
  ) c ${plansOf('$4::timestamptz', { given: '$5::boolean', maxAgeDays: '$6::integer', maxMessages: '$7::bigint', over: '($5::boolean and $1::uuid is not null)' })}
  left join lateral (
    select count(*) as files, sum(f.size)::bigint as bytes
    from (
      select distinct u.attachment_id from attachment_use u
      where u.account_id = c.account_id and u.conversation_id = c.id and u.seq between c.first_seq and t.target
    ) used
    join attachment f on f.account_id = c.account_id and f.id = used.attachment_id
    where not exists (
      select from attachment_use o where o.account_id = c.account_id and o.attachment_id = used.attachment_id
        and (o.conversation_id <> c.id or o.seq > t.target))
  ) f on t.target >= c.first_seq
  order by c.id`;

type Row = Readonly<{ id: string; held: boolean; messages: number; files: number; bytes: number }>;

export const createRetentionReader = (pool: SessionPool): RetentionReader => ({
  async figures(account, { conversation, policy, now }, after, scan) {
    const params = [
      conversation ?? null,
      after ?? null,
      scan,
      now,
      policy !== undefined,
      policy?.maxAgeDays ?? null,
      policy?.maxMessages ?? null,
    ];
    const rows = await readOnce<Row>(pool, account, FIGURES, params, 'retention-figures');
    const sum = { conversations: 0, messages: 0, files: 0, fileBytes: 0, held: 0 };
    for (const { held, messages, files, bytes } of rows) {
      if (messages === 0) continue;
      if (held) sum.held += 1;
      else {
        sum.conversations += 1;
        sum.messages += messages;
        sum.files += files;
        sum.fileBytes += bytes;
      }
    }
    const last = rows.length < scan ? undefined : rows.at(-1)?.id;
    return { ...sum, last: last === undefined ? undefined : asId<'conversation'>(last) };
  },
});
