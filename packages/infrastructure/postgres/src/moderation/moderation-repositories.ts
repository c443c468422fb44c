import type { Screening, Screenings } from '@coucou/application/moderation/screening';
import { ModerationRules, WordRules } from '@coucou/application/moderation/repositories';
import type { Transactions } from '@coucou/application/ports/unit-of-work';
import { asId } from '@coucou/domain/kernel/ids';
import type { ModerationRuleRepository, SuspensionRepository, WordRuleRepository } from '@coucou/domain/moderation/moderation-repositories';
import type { ModerationRule } from '@coucou/domain/moderation/moderation-rule';
import { WordList } from '@coucou/domain/moderation/word-list';
import { User } from '@coucou/domain/users/user';
import { type Kysely, type Selectable, sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { lockInAccount } from '../kit/account-lock.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { orUndefined } from '../kit/nullable.ts';
import type { Tables } from '../tables.ts';
import { toUser, userColumns } from '../users/user-rows.ts';
import type { ModerationRuleTable } from './tables.ts';

const WORDS = 'listed-words';
const wordPlace = z.tuple([z.string().max(256)]);

export function createWordRuleRepository(db: Kysely<Tables>): WordRuleRepository {
  return {
    list: () => db.selectFrom('word_rule').select(['word', 'action']).orderBy('word').execute(),
    async page({ limit, cursor }) {
      const [after] = cursor === undefined ? [''] : decodeCursor(WORDS, wordPlace, cursor);
      const query = db.selectFrom('word_rule').select(['word', 'action']).where('word', '>', after);
      const rows = await query
        .orderBy('word')
        .limit(limit + 1)
        .execute();
      const items = rows.slice(0, limit);
      const last = items.at(-1);
      return { items, nextCursor: rows.length > limit && last ? encodeCursor(WORDS, [last.word]) : undefined };
    },
    async lockCount() {
      await lockInAccount(db, 'moderation words');
      const { known } = await db
        .selectFrom('word_rule')
        .select((eb) => eb.fn.countAll<number>().as('known'))
        .executeTakeFirstOrThrow();
      return known;
    },
    async put({ word, action }) {
      await sql`insert into word_rule (account_id, word, action)
        values (nullif(current_setting('app.account_id', true), '')::uuid, ${word}, ${action})
        on conflict (account_id, word) do update set action = excluded.action`.execute(db);
    },
    async remove(word) {
      const { numDeletedRows } = await db.deleteFrom('word_rule').where('word', '=', word).executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

const toRule = (row: Selectable<ModerationRuleTable>): ModerationRule => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  kind: row.kind,
  threshold: row.threshold,
  windowSeconds: orUndefined(row.window_seconds),
  about: orUndefined(row.about),
  allowedHosts: row.allowed_hosts,
  action: row.action,
  muteSeconds: orUndefined(row.mute_seconds),
  enabled: row.enabled,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

export function createModerationRuleRepository(db: Kysely<Tables>): ModerationRuleRepository {
  const list = async () => (await db.selectFrom('moderation_rule').selectAll().orderBy('id').execute()).map(toRule);
  return {
    list,
    async lock() {
      await lockInAccount(db, 'moderation rules');
      return list();
    },
    async put(rule) {
      const terms = {
        kind: rule.kind,
        threshold: rule.threshold,
        window_seconds: rule.windowSeconds ?? null,
        about: rule.about ?? null,
        allowed_hosts: [...rule.allowedHosts],
        action: rule.action,
        mute_seconds: rule.muteSeconds ?? null,
        enabled: rule.enabled,
        updated_at: rule.updatedAt,
      };
      await db
        .insertInto('moderation_rule')
        .values({ account_id: rule.accountId, id: rule.id, created_at: rule.createdAt, ...terms })
        .onConflict((oc) => oc.columns(['account_id', 'id']).doUpdateSet(terms))
        .execute();
    },
    async remove(id) {
      const { numDeletedRows } = await db.deleteFrom('moderation_rule').where('id', '=', id).executeTakeFirst();
      return numDeletedRows > 0n;
    },
  };
}

export function createSuspensionRepository(db: Kysely<Tables>): SuspensionRepository {
  return {
    async since(userId) {
      const row = await db.selectFrom('app_user').select('suspended_at').where('id', '=', userId).executeTakeFirst();
      return row?.suspended_at ?? undefined;
    },
    async restrictions(userId) {
      const row = await db.selectFrom('app_user').select(['suspended_at', 'muted_until']).where('id', '=', userId).executeTakeFirst();
      return row && { suspendedAt: orUndefined(row.suspended_at), mutedUntil: orUndefined(row.muted_until) };
    },
    async findByUsername(username) {
      const row = await db
        .selectFrom('app_user')
        .select(userColumns)
        .where('username_key', '=', User.usernameKey(username))
        .executeTakeFirst();
      return row && toUser(row);
    },
    async set(userId, suspended) {
      await db
        .updateTable('app_user')
        .set({ suspended_at: suspended ? sql<Date>`coalesce(suspended_at, clock_now())` : null })
        .where('id', '=', userId)
        .where('deleted_at', 'is', null)
        .execute();
    },
    async mute(userId, until) {
      await db
        .updateTable('app_user')
        .set({ muted_until: until ?? null })
        .where('id', '=', userId)
        .where('deleted_at', 'is', null)
        .execute();
    },
    async muteUnlessMuted(userId, until, now) {
      const { numUpdatedRows } = await db
        .updateTable('app_user')
        .set({ muted_until: until })
        .where('id', '=', userId)
        .where('deleted_at', 'is', null)
        .where('role', 'in', ['member', 'guest'])
        .where((eb) => eb.or([eb('muted_until', 'is', null), eb('muted_until', '<=', now)]))
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}

/** Time to live of what is cached. */
const FRESH_MS = 5_000;

const none: Screening = { words: WordList.of([]), rules: [] };

/** Concurrent loads are shared, so that a burst of messages causes one. */
export function createScreenings(transactions: Transactions): Screenings {
  const load = (account: string): Promise<Screening> =>
    transactions.read(asId(account), async (tx) => ({
      words: WordList.of(await tx.repository(WordRules).list()),
      rules: (await tx.repository(ModerationRules).list()).filter(({ enabled }) => enabled),
    }));
  const cache = new LRUCache<string, Screening>({ maxSize: 10_000, sizeCalculation: () => 1, ttl: FRESH_MS, fetchMethod: load });
  return { of: async (account) => (await cache.fetch(account)) ?? none };
}
