import type { MailKind } from '@coucou/domain/mail/mail-template';

export type MailTemplateTable = {
  account_id: string;
  kind: MailKind;
  locale: string;
  subject: string;
  text: string;
  html: string;
  updated_at: Date;
  updated_by: string | null;
};
