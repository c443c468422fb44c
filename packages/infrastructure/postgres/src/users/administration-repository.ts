import { asId } from '@coucou/domain/kernel/ids';
import type { UserAdministrationRepository } from '@coucou/domain/users/administration-repository';
import { User, userErrors } from '@coucou/domain/users/user';
import type { Kysely } from 'kysely';
import { violates } from '../kit/errors.ts';
import type { Tables } from '../tables.ts';
import { refuseHeld, takenName } from './taken-names.ts';
import { nameKeys } from './user-keys.ts';
import { toUser, userColumns } from './user-rows.ts';

export function createUserAdministrationRepository(db: Kysely<Tables>): UserAdministrationRepository {
  return {
    async lockOwners() {
      const rows = await db
        .selectFrom('app_user')
        .select('id')
        .where('role', '=', 'owner')
        .where('suspended_at', 'is', null)
        .orderBy('id')
        .forNoKeyUpdate()
        .execute();
      return rows.map(({ id }) => asId(id));
    },
    async listAdministrators() {
      const rows = await db.selectFrom('app_user').select('id').where('role', 'in', ['owner', 'admin']).orderBy('id').execute();
      return rows.map(({ id }) => asId(id));
    },
    async isDeleted(id) {
      const row = await db.selectFrom('app_user').select('id').where('id', '=', id).where('deleted_at', 'is not', null).executeTakeFirst();
      return row !== undefined;
    },
    async setRole(id, role) {
      await db.updateTable('app_user').set({ role }).where('id', '=', id).execute();
    },
    async findByExternalId(externalId) {
      const row = await db.selectFrom('app_user').select(userColumns).where('external_id', '=', externalId).executeTakeFirst();
      return row && toUser(row);
    },
    async setExternalId(id, externalId) {
      try {
        await db.updateTable('app_user').set({ external_id: externalId }).where('id', '=', id).execute();
      } catch (error) {
        throw violates(error, 'app_user_external_id') ? userErrors.EXTERNAL_ID_TAKEN() : error;
      }
    },
    async upgradeGuest(user, passwordHash, at) {
      try {
        await db
          .updateTable('app_user')
          .set((eb) => ({
            username: user.username,
            display_name: user.displayName,
            ...nameKeys(user),
            email: user.email ?? null,
            email_key: user.email === undefined ? null : User.emailKey(user.email),
            email_verified: user.emailVerified,
            role: user.role,
            password_hash: passwordHash,
            security_version: eb('security_version', '+', 1),
          }))
          .where('id', '=', user.id)
          .execute();
      } catch (error) {
        throw takenName(error);
      }
      await refuseHeld(db, user, at);
    },
  };
}
