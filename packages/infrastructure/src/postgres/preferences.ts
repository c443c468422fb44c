import type { PreferenceRepository } from '@coucou/domain/preferences/preferences';
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

export function createPreferenceRepository(db: Kysely<Tables>): PreferenceRepository {
  return {
    async lookup(userId) {
      const row = await db.selectFrom('preference').select('settings').where('user_id', '=', userId).executeTakeFirst();
      return row?.settings;
    },

    async put(userId, preferences) {
      await db
        .insertInto('preference')
        .values({
          account_id: sql<string>`current_setting('app.account_id')::uuid`,
          user_id: userId,
          settings: JSON.stringify(preferences),
        })
        .onConflict((oc) =>
          oc
            .columns(['account_id', 'user_id'])
            .doUpdateSet((eb) => ({ settings: eb.ref('excluded.settings'), updated_at: sql<Date>`clock_timestamp()` })),
        )
        .execute();
    },
  };
}
