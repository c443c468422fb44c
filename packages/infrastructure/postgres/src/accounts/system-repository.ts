import type { SystemRepository } from '@coucou/application/ports/system-repository';
import type { AccountLimits } from '@coucou/domain/accounts/account-limits';
import { asId } from '@coucou/domain/kernel/ids';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import { createAuditLogRepository } from '../audit/audit-log-repository.ts';
import type { Tables } from '../tables.ts';

/** Runs as `coucou_system`, which reaches these tables only. */
export function createSystemRepository(db: Kysely<Tables>): SystemRepository {
  return {
    async lookupAccounts(clientKeys) {
      // As one parameter: the text of the statement does not grow with the keys.
      const rows = await db
        .selectFrom('account')
        .selectAll()
        .where((eb) => eb('client_key', '=', eb.fn.any(eb.val([...clientKeys]))))
        .execute();
      return rows.map((row) => ({ id: asId(row.account_id), name: row.name, clientKey: row.client_key, createdAt: row.created_at }));
    },
    async addAccount(account) {
      await db
        .insertInto('account')
        .values({ account_id: account.id, name: account.name, client_key: account.clientKey, created_at: account.createdAt })
        .onConflict((oc) => oc.column('client_key').doNothing())
        .execute();
    },
    async listAccounts() {
      const rows = await db.selectFrom('account').select('account_id').orderBy('account_id').execute();
      return rows.map((row) => asId(row.account_id));
    },
    async listAccessChanges({ endedSeconds, suspendedSeconds }) {
      const within = (column: 'revoked_at' | 'suspended_at', seconds: number) =>
        sql<boolean>`${sql.ref(column)} > clock_now() - make_interval(secs => ${seconds})`;
      const ended = await db
        .selectFrom('session')
        .select(['account_id', 'id', 'user_id', 'revoked_for'])
        .where(within('revoked_at', endedSeconds))
        .execute();
      const users = await db.selectFrom('app_user').select(['account_id', 'id']).where(within('suspended_at', suspendedSeconds)).execute();
      const accounts = await db.selectFrom('account').select('account_id').where('suspended_at', 'is not', null).execute();
      return {
        ended: ended.map((row) => ({
          account: asId(row.account_id),
          sessionId: asId(row.id),
          userId: asId(row.user_id),
          reason: row.revoked_for ?? 'revoked',
        })),
        suspendedUsers: users.map((row) => ({ account: asId(row.account_id), userId: asId(row.id) })),
        suspendedAccounts: accounts.map((row) => asId(row.account_id)),
      };
    },
    async suspendAccount(account, suspended) {
      const { numUpdatedRows } = await db
        .updateTable('account')
        .set({ suspended_at: suspended ? sql<Date>`clock_now()` : null })
        .where('account_id', '=', account)
        .where('suspended_at', suspended ? 'is' : 'is not', null)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    async putAccountLimits(account, limits) {
      const { rows } = await sql<{ limits: AccountLimits }>`
        update account a set limits = ${JSON.stringify(limits)}::jsonb, limits_changed_at = clock_now()
        from (select account_id, limits from account where account_id = ${account} for update) before
        where a.account_id = before.account_id returning before.limits`.execute(db);
      return rows[0]?.limits ?? {};
    },
    async listAccountLimits(changedSeconds) {
      const rows = await db
        .selectFrom('account')
        .select(['account_id', 'limits'])
        .where('limits_changed_at', 'is not', null)
        .$if(changedSeconds !== undefined, (query) =>
          query.where('limits_changed_at', '>', sql<Date>`(select clock_now()) - make_interval(secs => ${changedSeconds})`),
        )
        .execute();
      return rows.map((row) => ({ account: asId(row.account_id), limits: row.limits }));
    },
    async listDueErasures(limit) {
      const { rows } = await sql<{ account_id: string; user_id: string }>`
        select account_id, user_id from erasure
        where due_at <= (select clock_now()) - interval '5 minutes' and (lease_until is null or lease_until < clock_now())
          and (failures = 0 or due_at <= clock_now() - interval '1 day')
        order by due_at limit ${limit}`.execute(db);
      return rows.map((row) => ({ account: asId(row.account_id), person: asId(row.user_id) }));
    },
    auditLog: createAuditLogRepository(db),
    async blankAuditEntries(account, person, limit) {
      const batch = (condition: RawBuilder<unknown>) => sql`
        where e.account_id = ${account} and e.id = any(array(
          select s.id from audit_entry s where s.account_id = ${account} and ${condition} limit ${limit}))`;
      // Where from somebody acted whom nobody knows is their own trace as well, as far as anybody can tell.
      const origins = await sql`
        update audit_entry e set ip = '', user_agent = '', origin_salt = null ${batch(
          sql`(s.actor_id = ${person} or s.target_id = ${person} and s.actor_kind = 'anonymous') and s.origin_salt is not null`,
        )}`.execute(db);
      const details = await sql`
        update audit_entry e set details = '{}', details_salt = null ${batch(sql`s.target_id = ${person} and s.details_salt is not null`)}`.execute(
        db,
      );
      return Number(origins.numAffectedRows ?? 0) + Number(details.numAffectedRows ?? 0);
    },
    async listSigningKeys() {
      const rows = await db.selectFrom('signing_key').selectAll().orderBy('generation', 'desc').execute();
      return rows.map((row) => ({
        kid: row.kid,
        algorithm: row.algorithm,
        publicJwk: row.public_jwk,
        sealedPrivateJwk: row.sealed_private_jwk,
        generation: row.generation,
        createdAt: row.created_at,
        signsFrom: row.signs_from,
      }));
    },
    async addSigningKey(key) {
      const row = await db
        .insertInto('signing_key')
        .values({
          kid: key.kid,
          generation: key.generation,
          algorithm: key.algorithm,
          public_jwk: key.publicJwk,
          sealed_private_jwk: key.sealedPrivateJwk,
          created_at: key.createdAt,
          signs_from: key.signsFrom,
        })
        .onConflict((oc) => oc.column('generation').doNothing())
        .returning('kid')
        .executeTakeFirst();
      return row !== undefined;
    },
    async removeSigningKeys(before) {
      await db.deleteFrom('signing_key').where('generation', '<', before).execute();
    },
    async epoch() {
      const row = await db.selectFrom('deployment').select('epoch').executeTakeFirstOrThrow();
      return row.epoch;
    },
  };
}
