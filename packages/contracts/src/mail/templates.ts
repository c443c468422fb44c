import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { operation } from '../kernel/operation.ts';
import { line, text, time } from '../kernel/types.ts';

const MailKind = z
  .enum(['verifyEmail', 'changeEmail', 'undoEmailChange', 'resetPassword', 'magicLink', 'passwordChanged', 'digest'])
  .meta({ description: 'what the mail is for' });

/** In canonical form from here on, so that one locale has one template. */
export const mailLocale = z
  .string()
  .max(35)
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'is no BCP 47 language tag')
  .meta({ examples: ['fr'], description: 'BCP 47; `fr-CA` is for people of this locale, `fr` for all who want French' })
  .transform((tag, context) => {
    try {
      return Intl.getCanonicalLocales(tag)[0] ?? tag;
    } catch {
      context.addIssue({ code: 'custom', message: 'is no BCP 47 language tag' });
      return z.NEVER;
    }
  });

const subject = line({ min: 1, max: limits.mailTemplates.subject }).meta({ examples: ['Sign in to {{site}}'] });
const plain = text({ min: 1, max: limits.mailTemplates.text }).meta({ examples: ['Hello {{name}},\n\n{{link}}\n'] });
const html = text({ min: 1, max: limits.mailTemplates.html }).meta({
  examples: ['<p>Hello {{name}}, <a href="{{link}}">sign in</a>.</p>'],
});

const placeholders = z.array(z.enum(['site', 'name', 'address', 'link', 'unread', 'conversations', 'unsubscribe']));

const listed = {
  kind: MailKind,
  locale: z.string().meta({ examples: ['fr'] }),
  builtIn: z.boolean().meta({ description: 'whether the server has one' }),
  overridden: z.boolean().meta({ description: 'whether the account says something else' }),
  updatedAt: time.optional(),
  refused: z
    .boolean()
    .optional()
    .meta({ description: 'true where what the account says is not sent, since this version of the server refuses it, and says its own' }),
};
const MailTemplateEntry = z.object(listed).meta({ id: 'MailTemplateEntry' });
const MailTemplate = z
  .object({
    ...listed,
    subject: z.string().meta({ examples: ['Sign in to {{site}}'] }),
    text: z.string().meta({ examples: ['Hello {{name}},\n\n{{link}}\n'] }),
    html: z.string().meta({ examples: ['<p>Hello {{name}}, <a href="{{link}}">sign in</a>.</p>'] }),
    placeholders: z
      .object({ subject: placeholders, text: placeholders, html: placeholders })
      .meta({ description: 'what may stand in each field as {{…}}; {{link}} must stand in text and html where it may' }),
    faults: z
      .array(
        z.object({
          field: z.enum(['subject', 'text', 'html']),
          at: z.int().min(0),
          problem: z.string().meta({ examples: ['"{{" is part of no placeholder'] }),
        }),
      )
      .optional()
      .meta({ description: 'why it is refused; `at` counts UTF-16 code units from the beginning of the field' }),
  })
  .meta({ id: 'MailTemplate' });

const named = { kind: MailKind, locale: mailLocale };
const path = '/admin/mail/templates/:kind/:locale';

export const listMailTemplates = operation({
  name: 'admin.listMailTemplates',
  summary: 'The templates of mails, by kind and locale: the server’s own, and what the account says in their place.',
  http: { method: 'GET', path: '/admin/mail/templates', status: 200 },
  access: 'admin',
  scope: 'mail:read',
  input: z.strictObject({}),
  output: z.object({ items: z.array(MailTemplateEntry) }),
  errors: [],
});

export const getMailTemplate = operation({
  name: 'admin.getMailTemplate',
  summary: 'The template of one kind and locale that is in force, with its placeholders.',
  http: { method: 'GET', path, status: 200 },
  access: 'admin',
  scope: 'mail:read',
  input: z.strictObject(named),
  output: MailTemplate,
  errors: ['MAIL_TEMPLATE_NOT_FOUND'],
});

export const putMailTemplate = operation({
  name: 'admin.putMailTemplate',
  summary:
    'Say something else in mails of this kind and locale. For owners who have signed in of late: these mails lead people to where they choose passwords.',
  http: { method: 'PUT', path, status: 200 },
  access: 'admin',
  idempotencyKey: 'record',
  input: z.strictObject({ ...named, subject, text: plain, html }),
  output: MailTemplate,
  errors: ['MAIL_TEMPLATE_INVALID', 'MAIL_TEMPLATE_LIMIT', 'REAUTHENTICATION_REQUIRED'],
});

export const deleteMailTemplate = operation({
  name: 'admin.deleteMailTemplate',
  summary: 'Go back to what the server says in mails of this kind and locale. For owners who have signed in of late.',
  http: { method: 'DELETE', path, status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  input: z.strictObject(named),
  errors: ['MAIL_TEMPLATE_NOT_FOUND', 'REAUTHENTICATION_REQUIRED'],
});

export const previewMailTemplate = operation({
  name: 'admin.previewMailTemplate',
  summary:
    'A mail as somebody made up would get it, by the template in force or by the one that is being written. Show the HTML in a sandboxed frame.',
  http: { method: 'POST', path: `${path}/preview`, status: 200 },
  access: 'admin',
  scope: 'mail:read',
  input: z.strictObject({ ...named, subject: subject.optional(), text: plain.optional(), html: html.optional() }),
  output: z.object({
    subject: z.string().meta({ examples: ['Sign in to chat.example.com'] }),
    text: z.string().meta({ examples: ['Hello Alice Martin,\n\nhttps://chat.example.com/magic-link#token=sample\n'] }),
    html: z
      .string()
      .meta({ examples: ['<p>Hello Alice Martin, <a href="https://chat.example.com/magic-link#token=sample">sign in</a>.</p>'] }),
  }),
  errors: ['MAIL_TEMPLATE_INVALID'],
});

export const testMailTemplate = operation({
  name: 'admin.testMailTemplate',
  summary:
    'Send the mail of this kind and locale to yourself, by the template in force; its link leads nowhere. For owners with a confirmed address.',
  http: { method: 'POST', path: `${path}/test`, status: 204 },
  access: 'admin',
  idempotencyKey: 'record',
  input: z.strictObject(named),
  errors: ['MAIL_UNAVAILABLE', 'EMAIL_NOT_VERIFIED', 'RATE_LIMITED'],
});
