import { asId } from '@coucou/domain/kernel/ids';
import type { Json } from '@coucou/postgres/kit/json';
import { type Kysely, sql } from 'kysely';
import type { LinkPreviewRepository } from '../application/link-preview-repository.ts';
import type { LinkPreview } from '../domain/link-preview.ts';

type LinkPreviewTables = {
  link_preview_policy: { account_id: string; enabled: boolean };
  link_preview_page: { account_id: string; url: string; preview: Json<LinkPreview> | null; fetched_at: Date };
};

export function createLinkPreviewRepository(db: Kysely<LinkPreviewTables>): LinkPreviewRepository {
  return {
    async find(urls) {
      const rows = await db
        .selectFrom('link_preview_page')
        .selectAll()
        .where('url', 'in', [...urls])
        .execute();
      return rows.map((row) => ({
        accountId: asId(row.account_id),
        url: row.url,
        preview: row.preview ?? undefined,
        fetchedAt: row.fetched_at,
      }));
    },

    async put({ accountId, url, preview, fetchedAt }) {
      await db
        .insertInto('link_preview_page')
        .values({ account_id: accountId, url, preview: preview === undefined ? null : JSON.stringify(preview), fetched_at: fetchedAt })
        .onConflict((conflict) =>
          conflict.columns(['account_id', 'url']).doUpdateSet((row) => ({
            preview: row.ref('excluded.preview'),
            fetched_at: row.ref('excluded.fetched_at'),
          })),
        )
        .execute();
    },

    async trim(before, most) {
      const { numAffectedRows = 0n } = await sql`
        delete from link_preview_page where (account_id, url) in (
          select account_id, url from link_preview_page where fetched_at < ${before} order by fetched_at limit ${most}
        )`.execute(db);
      return Number(numAffectedRows);
    },

    async isEnabled() {
      return (await db.selectFrom('link_preview_policy').select('enabled').executeTakeFirst())?.enabled === true;
    },

    async enable(account_id, enabled) {
      const { numAffectedRows = 0n } = await sql`
        insert into link_preview_policy as policy (account_id, enabled) select ${account_id}, ${enabled}
        where ${enabled} or exists (select from link_preview_policy)
        on conflict (account_id) do update set enabled = excluded.enabled where policy.enabled <> excluded.enabled`.execute(db);
      return numAffectedRows > 0n;
    },
  };
}
