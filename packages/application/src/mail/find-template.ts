import { broader, type MailKind, MailTemplate } from '@coucou/domain/mail/mail-template';
import type { MailTemplateRepository } from '@coucou/domain/mail/mail-template-repository';
import { builtInTemplate, FALLBACK_LOCALE } from './built-in-templates.ts';

/**
 * The template for somebody who wants one of these locales, the most wanted first: for each what is nearest to it, `fr-CA` before `fr`, and
 * of the same locale the account's own before the server's. English is there for everybody. One of the account that this version of the server
 * refuses is passed over: what an earlier version took could lead people elsewhere, and a mail is not lost for it.
 */
export async function findTemplate(
  tx: Readonly<{ templates: MailTemplateRepository }>,
  kind: MailKind,
  wanted: readonly (string | undefined)[],
): Promise<Readonly<{ template: MailTemplate; isPassedOver: boolean }>> {
  const locales = [...new Set([...wanted, FALLBACK_LOCALE].flatMap((locale) => (locale === undefined ? [] : [...broader(locale)])))];
  const own = new Map((await tx.templates.lookupMany(kind, locales)).map((override) => [override.locale, override]));
  let isPassedOver = false;
  for (const locale of locales) {
    const override = own.get(locale);
    const isUsable = override !== undefined && MailTemplate.faultsOf(kind, override).length === 0;
    if (override !== undefined && !isUsable) isPassedOver = true;
    const template = isUsable ? override : builtInTemplate(kind, locale);
    if (template !== undefined) return { template, isPassedOver };
  }
  throw new Error(`there is no template of ${kind}`);
}
