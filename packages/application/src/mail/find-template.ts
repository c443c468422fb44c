import { broader, type MailKind, type MailTemplate } from '@coucou/domain/mail/mail-template';
import type { MailTemplateRepository } from '@coucou/domain/mail/mail-template-repository';
import { builtInTemplate, FALLBACK_LOCALE } from './built-in-templates.ts';

/**
 * The template for somebody who wants one of these locales, the most wanted first: for each what is nearest to it, `fr-CA` before `fr`, and
 * of the same locale the account's own before the server's. English is there for everybody.
 */
export async function findTemplate(
  tx: Readonly<{ templates: MailTemplateRepository }>,
  kind: MailKind,
  wanted: readonly (string | undefined)[],
): Promise<MailTemplate> {
  const locales = [...new Set([...wanted, FALLBACK_LOCALE].flatMap((locale) => (locale === undefined ? [] : [...broader(locale)])))];
  const own = new Map((await tx.templates.lookupMany(kind, locales)).map((override) => [override.locale, override]));
  for (const locale of locales) {
    const found = own.get(locale) ?? builtInTemplate(kind, locale);
    if (found !== undefined) return found;
  }
  throw new Error(`there is no template of ${kind}`);
}
