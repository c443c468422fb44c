import { type AccountId, asId, type ConversationId } from '@coucou/domain/kernel/ids';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { RetentionRepository } from '../application/retention-repository.ts';
import type { Retention } from '../domain/retention.ts';
import type { RetentionTable, RetentionTables } from './tables.ts';

const toRetention = (row: Selectable<RetentionTable> | undefined): Retention => ({
  policy: row?.has_policy
    ? { maxAgeDays: row.max_age_days ?? undefined, maxMessages: row.max_messages ?? undefined, archive: row.archive }
    : undefined,
  hold:
    row?.held_at == null
      ? undefined
      : { at: row.held_at, reason: row.held_reason ?? '', by: row.held_by === null ? undefined : asId<'user'>(row.held_by) },
});

export function createRetentionRepository(db: Kysely<RetentionTables>): RetentionRepository {
  const find = (account: AccountId, conversation: ConversationId | undefined) =>
    db
      .selectFrom('retention')
      .selectAll()
      .where('scope_id', '=', conversation ?? account);
  const change = async (account: AccountId, conversation: ConversationId | undefined, values: Partial<Selectable<RetentionTable>>) => {
    await db
      .updateTable('retention')
      .set(values)
      .where('scope_id', '=', conversation ?? account)
      .execute();
  };

  return {
    async lookup(account, conversation) {
      return toRetention(await find(account, conversation).executeTakeFirst());
    },

    async lock(account, conversation) {
      // There is something to lock from here on.
      await sql`
        insert into retention (account_id, scope_id, conversation_id)
        select ${account}, ${conversation ?? account}, ${conversation ?? null}::uuid
        where not exists (select from retention t where t.scope_id = ${conversation ?? account})
        on conflict do nothing`.execute(db);
      return toRetention(await find(account, conversation).forNoKeyUpdate().executeTakeFirst());
    },

    putPolicy: (account, conversation, policy) =>
      change(account, conversation, {
        has_policy: policy !== undefined,
        max_age_days: policy?.maxAgeDays ?? null,
        max_messages: policy?.maxMessages ?? null,
        archive: policy?.archive ?? false,
      }),

    putHold: (account, conversation, hold) =>
      change(account, conversation, {
        held_at: hold?.at ?? null,
        held_by: hold?.by ?? null,
        held_reason: hold?.reason ?? null,
      }),
  };
}
