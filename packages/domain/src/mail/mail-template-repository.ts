import type { MailKind, MailTemplateOverride } from './mail-template.ts';

/** What the account says in place of the server. */
export interface MailTemplateRepository {
  /** In the order of kind and locale. */
  list(): Promise<readonly MailTemplateOverride[]>;
  /** Those of other kinds and locales than this one. */
  countOthers(kind: MailKind, locale: string): Promise<number>;
  /** Of one kind in these locales, those there are. */
  lookupMany(kind: MailKind, locales: readonly string[]): Promise<readonly MailTemplateOverride[]>;
  put(override: MailTemplateOverride): Promise<void>;
  /** Whether it was there. */
  remove(kind: MailKind, locale: string): Promise<boolean>;
}
