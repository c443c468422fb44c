import type { Page, PageRequest } from '@coucou/application/conversations/conversation-reader';
import type { ScheduledReader } from '@coucou/application/scheduled/scheduled-reader';
import type { AccountId } from '@coucou/domain/kernel/ids';
import type { ScheduledMessage } from '@coucou/domain/scheduled/scheduled-message';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { decodeCursor, encodeCursor, moment } from '../kit/cursor.ts';
import type { SessionPool } from '../kit/session.ts';
import { readOnce } from '../kit/unit-of-work.ts';
import { toScheduledMessage } from './scheduled-message-repository.ts';
import type { ScheduledMessageTable } from './tables.ts';

type Row = Selectable<ScheduledMessageTable>;

/** The next one first: $1 and $2 the time and id of the row before, $3 limit. */
const next = (condition: string): string => `
  select s.* from scheduled_message s
  where ${condition} and ($1::timestamptz is null or (s.next_at, s.id) > ($1, $2::uuid))
  order by s.next_at, s.id limit $3`;

/** $4 person, $5 conversation, or null for all. */
const OF_PERSON = next(
  `s.sender_id = $4 and s.owner = 'person' and s.created_at is not null and ($5::uuid is null or s.conversation_id = $5)`,
);
const OF_ACCOUNT = next(`s.owner = 'account'`);

const placeKey = z.tuple([moment, z.uuid()]);

export function createScheduledReader(pool: SessionPool): ScheduledReader {
  async function read(
    account: AccountId,
    name: string,
    text: string,
    more: readonly unknown[],
    { limit, cursor }: PageRequest,
  ): Promise<Page<ScheduledMessage>> {
    const [at, id] = cursor === undefined ? [null, null] : decodeCursor(name, placeKey, cursor);
    const rows = await readOnce<Row>(pool, account, text, [at, id, limit + 1, ...more], name);
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    const nextCursor = rows.length > limit && last ? encodeCursor(name, [last.next_at.toISOString(), last.id]) : undefined;
    return { items: items.map(toScheduledMessage), nextCursor };
  }
  return {
    ofPerson: (account, person, conversation, page) => read(account, 'scheduled-list', OF_PERSON, [person, conversation ?? null], page),
    ofAccount: (account, page) => read(account, 'scheduled-list-account', OF_ACCOUNT, [], page),
  };
}
