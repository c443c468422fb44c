import type { CredentialRepository, LockedUser } from '@coucou/domain/auth/credential-repository';
import { User } from '@coucou/domain/users/user';
import type { Kysely } from 'kysely';
import type { Tables } from '../tables.ts';
import { refuseHeld, takenName } from './taken-names.ts';
import { nameKeys } from './user-keys.ts';
import { toCredentials } from './user-repository.ts';
import { toUser, userColumns } from './user-rows.ts';

export function createCredentialRepository(db: Kysely<Tables>): CredentialRepository {
  async function lockBy(column: 'id' | 'email_key', value: string): Promise<LockedUser | undefined> {
    const row = await db
      .selectFrom('app_user')
      .select([...userColumns, 'password_hash', 'security_version', 'username_changed_at'])
      .where(column, '=', value)
      .forNoKeyUpdate()
      .executeTakeFirst();
    return row && { user: toUser(row), ...toCredentials(row), usernameChangedAt: row.username_changed_at ?? undefined };
  }
  return {
    lock: (id) => lockBy('id', id),
    lockByEmail: (email) => lockBy('email_key', User.emailKey(email)),

    async proveEmail(id) {
      await db.updateTable('app_user').set({ email_verified: true }).where('id', '=', id).execute();
    },

    async updateEmail(user, at) {
      const email = user.email ?? null;
      try {
        await db
          .updateTable('app_user')
          .set((eb) => ({
            email,
            email_key: email === null ? null : User.emailKey(email),
            email_verified: user.emailVerified,
            security_version: eb('security_version', '+', 1),
          }))
          .where('id', '=', user.id)
          .execute();
      } catch (error) {
        throw takenName(error);
      }
      await refuseHeld(db, user, at);
    },

    async updateUsername(user, at) {
      const { username_key, name_grams } = nameKeys(user);
      try {
        await db
          .updateTable('app_user')
          .set({ username: user.username, username_key, name_grams, username_changed_at: at })
          .where('id', '=', user.id)
          .execute();
      } catch (error) {
        throw takenName(error);
      }
      await refuseHeld(db, user, at);
    },
  };
}
