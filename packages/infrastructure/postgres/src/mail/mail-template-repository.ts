import { asId } from '@coucou/domain/kernel/ids';
import type { MailTemplateRepository } from '@coucou/domain/mail/mail-template-repository';
import type { Kysely, Selectable } from 'kysely';
import type { Tables } from '../tables.ts';
import type { MailTemplateTable } from './tables.ts';

type Row = Selectable<MailTemplateTable>;

const headOf = (row: Pick<Row, 'account_id' | 'kind' | 'locale' | 'updated_at' | 'updated_by'>) => ({
  accountId: asId<'account'>(row.account_id),
  kind: row.kind,
  locale: row.locale,
  updatedAt: row.updated_at,
  updatedBy: row.updated_by === null ? undefined : asId<'user'>(row.updated_by),
});

export const createMailTemplateRepository = (db: Kysely<Tables>): MailTemplateRepository => ({
  async list() {
    const columns = ['account_id', 'kind', 'locale', 'updated_at', 'updated_by'] as const;
    const rows = await db.selectFrom('mail_template').select(columns).orderBy('kind').orderBy('locale').execute();
    return rows.map(headOf);
  },

  async lookupMany(kind, locales) {
    const rows = await db
      .selectFrom('mail_template')
      .selectAll()
      .where('kind', '=', kind)
      .where((eb) => eb('locale', '=', eb.fn.any(eb.val([...locales]))))
      .execute();
    return rows.map((row) => ({ ...headOf(row), subject: row.subject, text: row.text, html: row.html }));
  },

  async put({ accountId: account_id, kind, locale, subject, text, html, updatedAt, updatedBy }) {
    const values = { subject, text, html, updated_at: updatedAt, updated_by: updatedBy ?? null };
    await db
      .insertInto('mail_template')
      .values({ account_id, kind, locale, ...values })
      .onConflict((oc) => oc.columns(['account_id', 'kind', 'locale']).doUpdateSet(values))
      .execute();
  },

  async remove(kind, locale) {
    const { numDeletedRows } = await db
      .deleteFrom('mail_template')
      .where('kind', '=', kind)
      .where('locale', '=', locale)
      .executeTakeFirstOrThrow();
    return numDeletedRows > 0n;
  },
});
