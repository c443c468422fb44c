import { asId, type UserId } from '@coucou/domain/kernel/ids';
import { decodeCursor, encodeCursor } from '@coucou/postgres/kit/cursor';
import type { Json } from '@coucou/postgres/kit/json';
import { type Kysely, type Selectable, sql } from 'kysely';
import { z } from 'zod';
import type { PollRepository } from '../application/poll-repository.ts';
import type { Poll, PollOption } from '../domain/poll.ts';

type PollTable = {
  account_id: string;
  id: string;
  conversation_id: string;
  created_by: string;
  question: string;
  options: Json<readonly PollOption[]>;
  multiple: boolean;
  anonymous: boolean;
  closes_at: Date | null;
  closed_at: Date | null;
};
type PollVoteTable = { account_id: string; poll_id: string; user_id: string; option_id: string };
export type PollTables = { poll: PollTable; poll_vote: PollVoteTable };

const toPoll = (row: Selectable<PollTable>): Poll => ({
  accountId: asId(row.account_id),
  conversationId: asId(row.conversation_id),
  id: asId(row.id),
  createdBy: asId(row.created_by),
  question: row.question,
  options: row.options,
  multiple: row.multiple,
  anonymous: row.anonymous,
  closesAt: row.closes_at ?? undefined,
  closedAt: row.closed_at ?? undefined,
});

export function createPollRepository(db: Kysely<PollTables>): PollRepository {
  const lookup: PollRepository['lookup'] = async (id) => {
    const row = await db.selectFrom('poll').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toPoll(row);
  };
  const choices = (id: string, user: string) => db.selectFrom('poll_vote').where('poll_id', '=', id).where('user_id', '=', user);

  return {
    lookup,

    async lookupFor(id, user) {
      const poll = await lookup(id);
      if (poll === undefined) return undefined;
      const chosen = (await choices(id, user).select('option_id').execute()).map((row) => row.option_id);
      return { poll, choice: poll.options.map((option) => option.id).filter((option) => chosen.includes(option)) };
    },

    async add(poll) {
      await db
        .insertInto('poll')
        .values({
          account_id: poll.accountId,
          id: poll.id,
          conversation_id: poll.conversationId,
          created_by: poll.createdBy,
          question: poll.question,
          options: JSON.stringify(poll.options),
          multiple: poll.multiple,
          anonymous: poll.anonymous,
          closes_at: poll.closesAt ?? null,
          closed_at: poll.closedAt ?? null,
        })
        .execute();
    },

    async vote({ poll, added, removed }, user) {
      await db
        .updateTable('poll')
        .set({ options: JSON.stringify(poll.options) })
        .where('id', '=', poll.id)
        .execute();
      if (removed.length > 0)
        await db
          .deleteFrom('poll_vote')
          .where('poll_id', '=', poll.id)
          .where('user_id', '=', user)
          .where('option_id', 'in', removed)
          .execute();
      const rows = added.map((option) => ({ account_id: poll.accountId, poll_id: poll.id, user_id: user, option_id: option }));
      if (rows.length > 0) await db.insertInto('poll_vote').values(rows).execute();
    },

    async close(poll) {
      await db
        .updateTable('poll')
        .set({ closed_at: poll.closedAt ?? null })
        .where('id', '=', poll.id)
        .execute();
    },

    async voters(id, optionId, { limit, cursor }) {
      const [after] = cursor === undefined ? [undefined] : decodeCursor('poll-voters', z.tuple([z.uuid()]), cursor);
      const all = db.selectFrom('poll_vote').select('user_id').where('poll_id', '=', id).where('option_id', '=', optionId);
      const rows = await (after === undefined ? all : all.where('user_id', '>', after))
        .orderBy('user_id')
        .limit(limit + 1)
        .execute();
      const items = rows.slice(0, limit).map((row): UserId => asId(row.user_id));
      const last = items.at(-1);
      return { items, nextCursor: rows.length > limit && last ? encodeCursor('poll-voters', [last]) : undefined };
    },

    async remove(ids) {
      await db
        .deleteFrom('poll')
        .where('id', '=', sql<string>`any(${[...ids]}::uuid[])`)
        .execute();
    },
  };
}
