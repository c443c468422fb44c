import type { MailSuppressionReader } from '@coucou/application/mail/suppression-reader';
import { User } from '@coucou/domain/users/user';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { decodeCursor, encodeCursor, moment } from '../kit/cursor.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';
import { toMailSuppression } from './mail-suppression-repository.ts';
import type { MailSuppressionTable } from './tables.ts';

/** $1 now, $2 the key of an address, $3 and $4 the last time and id, $5 limit. */
const LIST = `
  select * from mail_suppression s
  where s.suppressed_at is not null and (s.expires_at is null or s.expires_at > $1) and ($2::text is null or s.address_key = $2)
    and ($3::timestamptz is null or (s.suppressed_at, s.id) < ($3, $4::uuid))
  order by s.suppressed_at desc, s.id desc limit $5`;

export const createMailSuppressionReader = (pool: SessionPool): MailSuppressionReader => ({
  async list(account, now, address, { limit, cursor }) {
    const [at, id] = cursor === undefined ? [null, null] : decodeCursor('mail-suppressions', z.tuple([moment, z.uuid()]), cursor);
    const params = [now, address === undefined ? null : User.emailKey(address), at, id, limit + 1];
    const rows = await readOnce<Selectable<MailSuppressionTable>>(pool, account, LIST, params, 'mail-suppressions');
    const items = rows.slice(0, limit).map(toMailSuppression);
    const last = items.at(-1);
    const nextCursor =
      rows.length > limit && last?.suppressedAt ? encodeCursor('mail-suppressions', [last.suppressedAt.toISOString(), last.id]) : undefined;
    return { items, nextCursor };
  },
});
