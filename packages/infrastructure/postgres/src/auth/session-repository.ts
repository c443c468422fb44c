import type { SessionRepository } from '@coucou/domain/auth/session-repository';
import type { Session } from '@coucou/domain/auth/session';
import { asId } from '@coucou/domain/kernel/ids';
import { type Kysely, type Selectable, sql } from 'kysely';
import type { Tables } from '../tables.ts';
import type { SessionTable } from './tables.ts';

const toSession = (row: Selectable<SessionTable>): Session => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  userId: asId(row.user_id),
  ip: row.ip,
  userAgent: row.user_agent,
  method: row.method,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  expiresAt: row.expires_at,
  revoked: row.revoked_at === null || row.revoked_for === null ? undefined : { at: row.revoked_at, reason: row.revoked_for },
  rotation: row.rotation,
  rotatedAt: row.rotated_at,
  tokenHash: row.token_hash,
  previous:
    row.previous_hash === null || row.sealed_successor === null
      ? undefined
      : { tokenHash: row.previous_hash, sealedSuccessor: row.sealed_successor },
  usedRotation: row.used_rotation,
  keyThumbprint: row.key_thumbprint ?? undefined,
});

/** What a refresh changes. */
const rotationOf = (session: Session) => ({
  last_used_at: session.lastUsedAt,
  expires_at: session.expiresAt,
  rotation: session.rotation,
  rotated_at: session.rotatedAt,
  token_hash: session.tokenHash,
  previous_hash: session.previous?.tokenHash ?? null,
  sealed_successor: session.previous?.sealedSuccessor ?? null,
  used_rotation: session.usedRotation,
  key_thumbprint: session.keyThumbprint ?? null,
});

export function createSessionRepository(db: Kysely<Tables>): SessionRepository {
  return {
    async lock(id) {
      const row = await db.selectFrom('session').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
      return row && toSession(row);
    },
    async lookup(id) {
      const row = await db.selectFrom('session').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toSession(row);
    },
    async list(userId, now) {
      const rows = await db
        .selectFrom('session')
        .selectAll()
        .where('user_id', '=', userId)
        .where('revoked_at', 'is', null)
        .where('expires_at', '>', now)
        .orderBy('last_used_at', 'desc')
        .orderBy('id', 'desc')
        .execute();
      return rows.map(toSession);
    },
    async add(session) {
      await db
        .insertInto('session')
        .values({
          account_id: session.accountId,
          id: session.id,
          user_id: session.userId,
          ip: session.ip,
          user_agent: session.userAgent,
          method: session.method,
          created_at: session.createdAt,
          ...rotationOf(session),
        })
        .execute();
    },
    async updateRotation(session) {
      await db.updateTable('session').set(rotationOf(session)).where('id', '=', session.id).execute();
    },
    async revoke({ userId, only, except }, reason) {
      const rows = await db
        .updateTable('session')
        .set({ revoked_at: sql<Date>`clock_now()`, revoked_for: reason })
        .where('user_id', '=', userId)
        .where('revoked_at', 'is', null)
        .$if(only !== undefined, (query) => query.where((eb) => eb('id', '=', eb.fn.any(eb.val([...(only ?? [])])))))
        .$if(except !== undefined, (query) => query.where('id', '<>', except ?? ''))
        .returning('id')
        .execute();
      return rows.map(({ id }) => asId(id));
    },
    async noteUses(uses) {
      if (uses.length === 0) return;
      const ids = uses.map(({ id }) => id);
      // A use that a crash loses was of the last second: not worth a wait for the disk.
      await sql`set local synchronous_commit to off`.execute(db);
      await sql`select from session where id = any(${ids}::uuid[]) order by id for no key update`.execute(db);
      await sql`
        update session s set used_rotation = greatest(s.used_rotation, u.rotation),
          last_used_at = case when u.at > s.last_used_at + interval '1 minute' then u.at else s.last_used_at end
        from unnest(${ids}::uuid[], ${uses.map(({ rotation }) => rotation)}::int[], ${uses.map(({ at }) => at)}::timestamptz[]) u(id, rotation, at)
        where u.id = s.id`.execute(db);
    },
    async forgetRevoked(before) {
      const { numDeletedRows } = await db.deleteFrom('session').where('revoked_at', '<', before).executeTakeFirst();
      return Number(numDeletedRows);
    },
    async forgetExpired(before) {
      const { numDeletedRows } = await db.deleteFrom('session').where('expires_at', '<', before).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
