import type { DeadLetterReader } from '@coucou/application/jobs/dead-letters';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';
import { DEAD_LETTER, type DeadLetterRow, toDeadLetter } from './dead-letter-row.ts';

/** $1, $2 the keyset that the page comes after, $3 limit. The cursor keeps microseconds, by which rows are in order. */
const LIST = `
  select ${DEAD_LETTER.join(', ')}, to_char(dead_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as moment from outbox
  where dead_at is not null and (dead_at, id) < ($1::text::timestamptz, $2::uuid) order by dead_at desc, id desc limit $3`;

const key = z.tuple([z.iso.datetime({ precision: 6 }), z.uuid()]);
const NEWEST = ['infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff'] as const;

export function createDeadLetterReader(pool: SessionPool): DeadLetterReader {
  return {
    async list(account, { limit, cursor }) {
      const [after, id] = cursor === undefined ? NEWEST : decodeCursor('dead-letters', key, cursor);
      const rows = await readOnce<DeadLetterRow & { moment: string }>(pool, account, LIST, [after, id, limit + 1], 'dead-letters');
      const shown = rows.slice(0, limit);
      const last = shown.at(-1);
      return {
        items: shown.map(toDeadLetter),
        nextCursor: rows.length > limit && last !== undefined ? encodeCursor('dead-letters', [last.moment, last.id]) : undefined,
      };
    },
  };
}
