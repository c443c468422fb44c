import { User, userErrors } from '@coucou/domain/users/user';
import type { Credentials, UserRepository } from '@coucou/domain/users/user-repository';
import { type Kysely, type Selectable, sql } from 'kysely';
import { refuseHeld, takenName } from './taken-names.ts';
import { nameKeys } from './user-keys.ts';
import { toUser, userColumns } from './user-rows.ts';
import type { Tables } from '../tables.ts';
import type { UserTable } from './tables.ts';

export const toCredentials = (row: Pick<Selectable<UserTable>, 'password_hash' | 'security_version'>): Credentials => ({
  passwordHash: row.password_hash ?? undefined,
  securityVersion: row.security_version,
});

export function createUserRepository(db: Kysely<Tables>): UserRepository {
  return {
    async lookup(id) {
      const row = await db
        .selectFrom('app_user')
        .select(userColumns)
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .executeTakeFirst();
      return row && toUser(row);
    },

    async lookupMany(ids) {
      if (ids.length === 0) return [];
      const rows = await db.selectFrom('app_user').select(userColumns).where('id', 'in', ids).where('deleted_at', 'is', null).execute();
      return rows.map(toUser);
    },

    async lookupByIdentifier(identifier) {
      const row = await db
        .selectFrom('app_user')
        .select([...userColumns, 'password_hash', 'security_version'])
        .where((eb) => eb.or([eb('username_key', '=', User.usernameKey(identifier)), eb('email_key', '=', User.emailKey(identifier))]))
        .where('deleted_at', 'is', null)
        .executeTakeFirst();
      return row && { user: toUser(row), ...toCredentials(row) };
    },

    async lookupCredentials(id) {
      const row = await db.selectFrom('app_user').select(['password_hash', 'security_version']).where('id', '=', id).executeTakeFirst();
      return row && toCredentials(row);
    },

    async lock(ids) {
      if (ids.length === 0) return [];
      const rows = await db
        .selectFrom('app_user')
        .select(userColumns)
        .where('id', 'in', ids)
        .where('deleted_at', 'is', null)
        .orderBy('id')
        .forNoKeyUpdate()
        .execute();
      return rows.map(toUser);
    },

    async hasAny() {
      return (await db.selectFrom('app_user').select('id').limit(1).executeTakeFirst()) !== undefined;
    },

    async add(user, passwordHash, now = user.createdAt) {
      try {
        await db
          .insertInto('app_user')
          .values({
            account_id: user.accountId,
            id: user.id,
            username: user.username,
            email: user.email ?? null,
            email_key: user.email === undefined ? null : User.emailKey(user.email),
            email_verified: user.emailVerified,
            display_name: user.displayName,
            ...nameKeys(user),
            avatar_url: user.avatarUrl ?? null,
            bio: user.bio ?? null,
            custom: user.custom === undefined ? null : JSON.stringify(user.custom),
            role: user.role,
            password_hash: passwordHash ?? null,
            created_at: user.createdAt,
            last_seen_at: user.lastSeenAt ?? null,
          })
          .execute();
      } catch (error) {
        throw takenName(error);
      }
      await refuseHeld(db, user, now);
    },

    async requireFree(user, now) {
      const username = User.usernameKey(user.username);
      const email = user.email === undefined ? null : User.emailKey(user.email);
      const taken = await db
        .selectFrom('app_user')
        .select('username_key')
        .where((eb) => eb.or([eb('username_key', '=', username), eb('email_key', '=', email)]))
        .execute();
      if (taken.some((row) => row.username_key === username)) throw userErrors.USERNAME_TAKEN();
      if (taken.length > 0) throw userErrors.EMAIL_TAKEN();
      await refuseHeld(db, user, now);
    },

    async updateProfile(user) {
      const keys = nameKeys(user);
      await db
        .updateTable('app_user')
        .set({
          display_name: user.displayName,
          display_name_key: keys.display_name_key,
          name_grams: keys.name_grams,
          avatar_url: user.avatarUrl ?? null,
          bio: user.bio ?? null,
          custom: user.custom === undefined ? null : JSON.stringify(user.custom),
        })
        .where('id', '=', user.id)
        .execute();
    },

    async updateLastSeen(seen) {
      const ids = [...seen.keys()];
      if (ids.length === 0) return;
      await sql`set local synchronous_commit to off`.execute(db);
      await sql`select from app_user where id = any(${ids}::uuid[]) order by id for no key update`.execute(db);
      await sql`
        update app_user u set last_seen_at = greatest(u.last_seen_at, s.at)
        from unnest(${ids}::uuid[], ${[...seen.values()]}::timestamptz[]) s(id, at) where u.id = s.id and u.deleted_at is null`.execute(db);
    },

    async updatePasswordHash(id, passwordHash) {
      await db.updateTable('app_user').set({ password_hash: passwordHash }).where('id', '=', id).execute();
    },

    async setPassword(id, passwordHash) {
      await db
        .updateTable('app_user')
        .set((eb) => ({ password_hash: passwordHash ?? null, security_version: eb('security_version', '+', 1) }))
        .where('id', '=', id)
        .execute();
    },
  };
}
