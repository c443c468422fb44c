import type { BounceKind } from '@coucou/domain/mail/mail-suppression';
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

export type MailSuppressionTable = {
  account_id: string;
  id: string;
  address_key: string;
  address: string;
  user_id: string | null;
  reason: BounceKind;
  soft_bounces: number;
  suppressed_at: Date | null;
  expires_at: Date | null;
  last_message: string | null;
};
