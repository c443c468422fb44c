import { asId } from '@coucou/domain/kernel/ids';
import type { HeldName, HeldNameRepository } from '@coucou/domain/users/held-name-repository';
import { User } from '@coucou/domain/users/user';
import { type Kysely, sql } from 'kysely';
import type { Tables } from '../tables.ts';

const keyOf = (kind: HeldName['kind'], name: string): string => (kind === 'username' ? User.usernameKey(name) : User.emailKey(name));

export function createHeldNameRepository(db: Kysely<Tables>): HeldNameRepository {
  const one = (kind: HeldName['kind'], name: string) => ({ kind, key: keyOf(kind, name) });
  return {
    async put({ kind, name, userId, until, securityVersion }) {
      const change = { name, user_id: userId, held_until: until, security_version: securityVersion };
      await db
        .insertInto('held_name')
        .values({ account_id: sql<string>`current_setting('app.account_id')::uuid`, ...one(kind, name), ...change })
        .onConflict((oc) => oc.columns(['account_id', 'kind', 'key']).doUpdateSet(change))
        .execute();
    },
    async lookup(kind, name, now) {
      const { key } = one(kind, name);
      const row = await db
        .selectFrom('held_name')
        .selectAll()
        .where('kind', '=', kind)
        .where('key', '=', key)
        .where('held_until', '>', now)
        .executeTakeFirst();
      return (
        row && { kind: row.kind, name: row.name, userId: asId(row.user_id), until: row.held_until, securityVersion: row.security_version }
      );
    },
    async remove(kind, name) {
      const { key } = one(kind, name);
      await db.deleteFrom('held_name').where('kind', '=', kind).where('key', '=', key).execute();
    },
    async removeEmailsSince(userId, securityVersion) {
      await db
        .deleteFrom('held_name')
        .where('user_id', '=', userId)
        .where('kind', '=', 'email')
        .where('security_version', '>=', securityVersion)
        .execute();
    },
    async forgetEnded(before) {
      const { numDeletedRows } = await db.deleteFrom('held_name').where('held_until', '<', before).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
