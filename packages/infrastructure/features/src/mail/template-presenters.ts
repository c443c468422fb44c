import type { ListedTemplate, ShownTemplate } from '@coucou/application/mail/mail-templates';
import type { getMailTemplate, listMailTemplates, previewMailTemplate } from '@coucou/contracts/mail/templates';
import type { MailTemplate } from '@coucou/domain/mail/mail-template';
import type { z } from 'zod';

const presentListed = ({ kind, locale, isBuiltIn, isOverridden, updatedAt, faults }: ListedTemplate) => ({
  kind,
  locale,
  builtIn: isBuiltIn,
  overridden: isOverridden,
  updatedAt: updatedAt?.toISOString(),
  ...(faults.length > 0 && { refused: true }),
});

export const presentTemplates = (templates: readonly ListedTemplate[]): z.infer<NonNullable<(typeof listMailTemplates)['output']>> => ({
  items: templates.map(presentListed),
});

export const presentTemplate = (shown: ShownTemplate): z.infer<NonNullable<(typeof getMailTemplate)['output']>> => ({
  ...presentListed(shown),
  subject: shown.template.subject,
  text: shown.template.text,
  html: shown.template.html,
  ...(shown.faults.length > 0 && { faults: [...shown.faults] }),
  placeholders: {
    subject: [...shown.placeholders.subject],
    text: [...shown.placeholders.text],
    html: [...shown.placeholders.html],
  },
});

export const presentPreview = ({ subject, text, html }: MailTemplate): z.infer<NonNullable<(typeof previewMailTemplate)['output']>> => ({
  subject,
  text,
  html,
});
