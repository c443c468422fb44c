import { User, userErrors } from '@coucou/domain/users/user';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import type { Kysely } from 'kysely';
import { violates } from './errors.ts';
import { toUser, userColumns } from './rows.ts';
import type { Tables } from './tables.ts';

export function createUserRepository(db: Kysely<Tables>): UserRepository {
  return {
    async lookup(id) {
      const row = await db.selectFrom('app_user').select(userColumns).where('id', '=', id).executeTakeFirst();
      return row && toUser(row);
    },

    async lookupMany(ids) {
      if (ids.length === 0) return [];
      const rows = await db.selectFrom('app_user').select(userColumns).where('id', 'in', ids).execute();
      return rows.map(toUser);
    },

    async lookupByIdentifier(identifier) {
      const row = await db
        .selectFrom('app_user')
        .select([...userColumns, 'password_hash'])
        .where((eb) => eb.or([eb('username_key', '=', User.usernameKey(identifier)), eb('email_key', '=', User.emailKey(identifier))]))
        .executeTakeFirst();
      return row?.password_hash ? { user: toUser(row), passwordHash: row.password_hash } : undefined;
    },

    async add(user, passwordHash) {
      try {
        await db
          .insertInto('app_user')
          .values({
            account_id: user.accountId,
            id: user.id,
            username: user.username,
            username_key: User.usernameKey(user.username),
            email: user.email ?? null,
            email_key: user.email === undefined ? null : User.emailKey(user.email),
            email_verified: user.emailVerified,
            display_name: user.displayName,
            avatar_url: user.avatarUrl ?? null,
            bio: user.bio ?? null,
            custom: user.custom === undefined ? null : JSON.stringify(user.custom),
            role: user.role,
            password_hash: passwordHash,
            created_at: user.createdAt,
            last_seen_at: user.lastSeenAt ?? null,
          })
          .execute();
      } catch (error) {
        if (violates(error, 'app_user_username_key')) throw userErrors.USERNAME_TAKEN();
        if (violates(error, 'app_user_email_key')) throw userErrors.EMAIL_TAKEN();
        throw error;
      }
    },

    async updatePasswordHash(id, passwordHash) {
      await db.updateTable('app_user').set({ password_hash: passwordHash }).where('id', '=', id).execute();
    },
  };
}
