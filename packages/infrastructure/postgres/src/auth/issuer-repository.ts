import type { ExternalIssuer } from '@coucou/domain/auth/external-issuer';
import type { IssuerRepository } from '@coucou/domain/auth/issuer-repository';
import { asId } from '@coucou/domain/kernel/ids';
import type { Kysely, Selectable } from 'kysely';
import { orUndefined } from '../kit/nullable.ts';
import type { Tables } from '../tables.ts';
import type { ExternalIssuerTable } from './tables.ts';

const toIssuer = (row: Selectable<ExternalIssuerTable>): ExternalIssuer => ({
  accountId: asId(row.account_id),
  id: asId(row.id),
  issuer: row.issuer,
  jwksUrl: orUndefined(row.jwks_url),
  audiences: row.audiences,
  algorithms: row.algorithms,
  claims: row.claims,
  signUp: row.sign_up,
  maxTokenSeconds: row.max_token_seconds,
  rank: row.rank,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

/** What a change writes. */
const rulesOf = (issuer: ExternalIssuer) => ({
  jwks_url: issuer.jwksUrl ?? null,
  audiences: [...issuer.audiences],
  algorithms: [...issuer.algorithms],
  claims: JSON.stringify(issuer.claims),
  sign_up: issuer.signUp,
  max_token_seconds: issuer.maxTokenSeconds,
  rank: issuer.rank,
  version: issuer.version,
  updated_at: issuer.updatedAt,
});

export function createIssuerRepository(db: Kysely<Tables>): IssuerRepository {
  const byId = (id: string) => db.selectFrom('external_issuer').selectAll().where('id', '=', id);
  return {
    async find(issuer) {
      const row = await db.selectFrom('external_issuer').selectAll().where('issuer', '=', issuer).executeTakeFirst();
      return row && toIssuer(row);
    },
    async lookup(id) {
      const row = await byId(id).executeTakeFirst();
      return row && toIssuer(row);
    },
    async lock(id) {
      const row = await byId(id).forNoKeyUpdate().executeTakeFirst();
      return row && toIssuer(row);
    },
    async hold(id) {
      const row = await byId(id).forShare().executeTakeFirst();
      return row && toIssuer(row);
    },
    async list(limit) {
      const rows = await db.selectFrom('external_issuer').selectAll().orderBy('id').limit(limit).execute();
      return rows.map(toIssuer);
    },
    async add(issuer) {
      const row = await db
        .insertInto('external_issuer')
        .values({
          account_id: issuer.accountId,
          id: issuer.id,
          issuer: issuer.issuer,
          created_at: issuer.createdAt,
          ...rulesOf(issuer),
        })
        .onConflict((oc) => oc.columns(['account_id', 'issuer']).doNothing())
        .returning('id')
        .executeTakeFirst();
      return row !== undefined;
    },
    async update(issuer) {
      await db.updateTable('external_issuer').set(rulesOf(issuer)).where('id', '=', issuer.id).execute();
    },
    async remove(id) {
      const row = await db.deleteFrom('external_issuer').where('id', '=', id).returningAll().executeTakeFirst();
      return row && toIssuer(row);
    },
  };
}
