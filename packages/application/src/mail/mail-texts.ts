import type { MailKind } from '@coucou/domain/mail/mail-template';

type Text = Readonly<{
  subject: string;
  paragraphs: readonly string[] /** What the link does. */;
  label?: string /** What the link to no more of them says. */;
  unsubscribe?: string;
}>;

/** What the mails say in one language; nothing that somebody else has written stands in it. `hint` stands above the address of a link. */
export type MailTexts = Readonly<Record<MailKind, Text>> & Readonly<{ hint: string }>;
