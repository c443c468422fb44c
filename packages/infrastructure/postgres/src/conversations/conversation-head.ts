import type { ConversationId } from '@coucou/domain/kernel/ids';
import { type Kysely, sql, type UpdateObject } from 'kysely';
import type { Tables } from '../tables.ts';

/** Newest version first: those that died before it are not walked, however many a transaction that idles somewhere keeps. */
const NEWEST_FIRST = 'order by newest.era desc limit 1';

/** The head of a conversation, a subquery to join laterally, of which `rowVersion` can be asked. */
export const headOf = (account: string, conversation: string): string => `(
    select newest.*, newest.xmin from conversation_head newest
    where newest.account_id = ${account} and newest.conversation_id = ${conversation} ${NEWEST_FIRST})`;

/** A membership, a subquery to join laterally, found as the head is: messages and receipts write it as often. */
export const memberOf = (account: string, conversation: string, user: string): string => `(
    select newest.*, newest.xmin from member newest
    where newest.account_id = ${account} and newest.conversation_id = ${conversation} and newest.user_id = ${user} ${NEWEST_FIRST})`;

/** The head of a conversation, locked: taken before anything of a conversation, its members or its messages changes, of several by their ids in order. */
export const lockedHeadOf = (conversation: string): string => `(
    select * from conversation_head newest where newest.conversation_id = ${conversation} ${NEWEST_FIRST} for no key update)`;

/** Whole conversations: what seldom changes, and its counters. */
export const CONVERSATIONS = `
  select x.*, h.last_seq, h.version, h.receipts_version, h.access_version, h.countable, h.active_at
  from conversation x cross join lateral ${headOf('x.account_id', 'x.id')} h`;

/** A whole conversation, a subquery to join laterally: by its key, whatever the planner makes of how many there are. */
export const conversationOf = (account: string, conversation: string): string =>
  `(${CONVERSATIONS} where x.account_id = ${account} and x.id = ${conversation} limit 1)`;

/** By its place, which stays as it is while this transaction holds the lock. */
export async function updateHead(
  db: Kysely<Tables>,
  id: ConversationId,
  change: Partial<UpdateObject<Tables, 'conversation_head'>>,
): Promise<void> {
  await db
    .updateTable('conversation_head')
    .set(change)
    .where(sql<boolean>`ctid = (
        select newest.ctid from conversation_head newest where newest.conversation_id = ${id} ${sql.raw(NEWEST_FIRST)})`)
    .execute();
}
