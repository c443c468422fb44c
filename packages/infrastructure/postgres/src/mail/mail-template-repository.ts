import { asId } from '@coucou/domain/kernel/ids';
import type { MailTemplateOverride } from '@coucou/domain/mail/mail-template';
import type { MailTemplateRepository } from '@coucou/domain/mail/mail-template-repository';
import type { Kysely, Selectable } from 'kysely';
import type { Tables } from '../tables.ts';
import type { MailTemplateTable } from './tables.ts';

const toOverride = (row: Selectable<MailTemplateTable>): MailTemplateOverride => ({
  accountId: asId<'account'>(row.account_id),
  kind: row.kind,
  locale: row.locale,
  subject: row.subject,
  text: row.text,
  html: row.html,
  updatedAt: row.updated_at,
  updatedBy: row.updated_by === null ? undefined : asId<'user'>(row.updated_by),
});

export const createMailTemplateRepository = (db: Kysely<Tables>): MailTemplateRepository => ({
  async list() {
    const rows = await db.selectFrom('mail_template').selectAll().orderBy('kind').orderBy('locale').execute();
    return rows.map(toOverride);
  },

  async countOthers(kind, locale) {
    const { others } = await db
      .selectFrom('mail_template')
      .select((eb) => eb.fn.countAll().as('others'))
      .where((eb) => eb.not(eb.and([eb('kind', '=', kind), eb('locale', '=', locale)])))
      .executeTakeFirstOrThrow();
    return Number(others);
  },

  async lookupMany(kind, locales) {
    const rows = await db
      .selectFrom('mail_template')
      .selectAll()
      .where('kind', '=', kind)
      .where((eb) => eb('locale', '=', eb.fn.any(eb.val([...locales]))))
      .execute();
    return rows.map(toOverride);
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
