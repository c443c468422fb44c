import type { ApiKey } from '@coucou/domain/auth/api-key';
import type { ApiKeyRepository } from '@coucou/domain/auth/api-key-repository';
import { asId } from '@coucou/domain/kernel/ids';
import { type Kysely, type Selectable, sql } from 'kysely';
import { orUndefined } from '../kit/nullable.ts';
import type { Tables } from '../tables.ts';
import type { ApiKeyTable } from './tables.ts';

const toApiKey = (row: Selectable<ApiKeyTable>): ApiKey => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  name: row.name,
  scopes: row.scopes,
  secretHash: row.secret_hash,
  previous:
    row.previous_hash === null || row.previous_until === null ? undefined : { secretHash: row.previous_hash, until: row.previous_until },
  createdBy: row.created_by === null ? undefined : asId(row.created_by),
  createdAt: row.created_at,
  expiresAt: orUndefined(row.expires_at),
  lastUsedAt: orUndefined(row.last_used_at),
  revokedAt: orUndefined(row.revoked_at),
});

/** What a rotation and a revocation change. */
const secretsOf = (key: ApiKey) => ({
  secret_hash: key.secretHash,
  previous_hash: key.previous?.secretHash ?? null,
  previous_until: key.previous?.until ?? null,
  revoked_at: key.revokedAt ?? null,
});

export function createApiKeyRepository(db: Kysely<Tables>): ApiKeyRepository {
  return {
    async lookup(id) {
      const row = await db.selectFrom('api_key').selectAll().where('id', '=', id).executeTakeFirst();
      return row && toApiKey(row);
    },
    async lock(id) {
      const row = await db.selectFrom('api_key').selectAll().where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
      return row && toApiKey(row);
    },
    async list(now, limit) {
      const rows = await db
        .selectFrom('api_key')
        .selectAll()
        .where('revoked_at', 'is', null)
        .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now)]))
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map(toApiKey);
    },
    async add(key) {
      await db
        .insertInto('api_key')
        .values({
          account_id: key.accountId,
          id: key.id,
          name: key.name,
          scopes: [...key.scopes],
          created_by: key.createdBy ?? null,
          created_at: key.createdAt,
          expires_at: key.expiresAt ?? null,
          ...secretsOf(key),
        })
        .execute();
    },
    async update(key) {
      await db.updateTable('api_key').set(secretsOf(key)).where('id', '=', key.id).execute();
    },
    async noteUses(uses) {
      const ids = [...uses.keys()];
      if (ids.length === 0) return;
      await sql`set local synchronous_commit to off`.execute(db);
      await sql`select from api_key where id = any(${ids}::uuid[]) order by id for no key update`.execute(db);
      await sql`
        update api_key k set last_used_at = greatest(k.last_used_at, u.at)
        from unnest(${ids}::uuid[], ${[...uses.values()]}::timestamptz[]) u(id, at) where u.id = k.id`.execute(db);
    },
  };
}
