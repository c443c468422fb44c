import type { RefreshToken, SessionRepository } from '@coucou/domain/auth/session-repository';
import type { Session } from '@coucou/domain/auth/session';
import { asId } from '@coucou/domain/kernel/ids';
import type { Kysely, Selectable } from 'kysely';
import type { Tables } from '../tables.ts';
import type { RefreshTokenTable, SessionTable } from './tables.ts';

const toSession = (row: Selectable<SessionTable>): Session => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  userId: asId(row.user_id),
  ip: row.ip,
  userAgent: row.user_agent,
  createdAt: row.created_at,
  lastUsedAt: row.last_used_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at ?? undefined,
});

const toRefreshToken = (row: Selectable<RefreshTokenTable>): RefreshToken => ({
  accountId: asId(row.account_id),
  sessionId: asId(row.session_id),
  tokenHash: row.token_hash,
  issuedAt: row.issued_at,
  expiresAt: row.expires_at,
  spentAt: row.spent_at ?? undefined,
});

export function createSessionRepository(db: Kysely<Tables>): SessionRepository {
  return {
    async lock(id) {
      const row = await db.selectFrom('session').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
      return row && toSession(row);
    },
    async lookup(id) {
      const row = await db.selectFrom('session').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toSession(row);
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
          created_at: session.createdAt,
          last_used_at: session.lastUsedAt,
          expires_at: session.expiresAt,
          revoked_at: session.revokedAt ?? null,
        })
        .execute();
    },
    async update(session) {
      await db
        .updateTable('session')
        .set({ last_used_at: session.lastUsedAt, expires_at: session.expiresAt, revoked_at: session.revokedAt ?? null })
        .where('id', '=', session.id)
        .execute();
    },
    async addRefreshToken(token) {
      await db
        .insertInto('refresh_token')
        .values({
          account_id: token.accountId,
          token_hash: token.tokenHash,
          session_id: token.sessionId,
          issued_at: token.issuedAt,
          expires_at: token.expiresAt,
          spent_at: token.spentAt ?? null,
        })
        .execute();
    },
    async lookupRefreshToken(tokenHash) {
      const row = await db.selectFrom('refresh_token').selectAll().where('token_hash', '=', tokenHash).executeTakeFirst();
      return row && toRefreshToken(row);
    },
    async spendRefreshToken(tokenHash, at) {
      await db.updateTable('refresh_token').set({ spent_at: at }).where('token_hash', '=', tokenHash).execute();
    },
  };
}
