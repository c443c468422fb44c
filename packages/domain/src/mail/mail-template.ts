import { defineErrors } from '../kernel/errors.ts';
import type { AccountId, Instant, UserId } from '../kernel/ids.ts';

/** The mails that the server sends. */
export const mailKinds = [
  'verifyEmail',
  'changeEmail',
  'undoEmailChange',
  'resetPassword',
  'magicLink',
  'passwordChanged',
  'digest',
] as const;
export type MailKind = (typeof mailKinds)[number];

/** What a mail says, with `{{placeholders}}` for what differs from one to the next. */
export type MailTemplate = Readonly<{ subject: string; text: string; html: string }>;
export type MailTemplateField = keyof MailTemplate;

/** What an account says in place of the server; `locale`: a BCP 47 tag in its canonical form. */
export type MailTemplateOverride = MailTemplate &
  Readonly<{ accountId: AccountId; kind: MailKind; locale: string; updatedAt: Instant; updatedBy: UserId | undefined }>;

/**
 * `site`: the name of the service; `name`: the recipient's, or their address; `address`: theirs; `link`: what the mail is for. Of a digest besides:
 * how many messages are `unread`, in how many `conversations`, and `unsubscribe`: where no more of them is asked for.
 */
export type Placeholder = 'site' | 'name' | 'address' | 'link' | 'unread' | 'conversations' | 'unsubscribe';
export type MailValues = Readonly<Record<'site' | 'name' | 'address', string>> &
  Readonly<Partial<Record<Exclude<Placeholder, 'site' | 'name' | 'address'>, string | undefined>>>;

export const mailTemplateErrors = defineErrors('MAIL_TEMPLATE', {
  INVALID: ['invalid', 'This template cannot be used; `faults` says what is wrong, in which field, and where.'],
  NOT_FOUND: ['not_found', 'There is no such template.'],
  LIMIT: ['conflict', 'An account has so many templates at most; delete those of locales that nobody uses.'],
});

/** What must stand in both texts of a mail. */
const linksOf = (kind: MailKind): readonly Placeholder[] =>
  kind === 'passwordChanged' ? [] : kind === 'digest' ? ['link', 'unsubscribe'] : ['link'];

/** In a field of a mail. A subject holds no link: it is shown on locked screens. */
export const placeholdersOf = (kind: MailKind, field: MailTemplateField): readonly Placeholder[] => [
  ...(['site', 'name', 'address'] as const),
  ...(kind === 'digest' ? (['unread', 'conversations'] as const) : []),
  ...(field === 'subject' ? [] : linksOf(kind)),
];

/** `at`: UTF-16 code units from the beginning of the field. */
export type TemplateFault = Readonly<{ field: MailTemplateField; at: number; problem: string }>;

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
const LINK_AS_ADDRESS = /\shref\s*=\s*(?:"\{\{\s*(?:link|unsubscribe)\s*\}\}"|'\{\{\s*(?:link|unsubscribe)\s*\}\}')/gi;
/**
 * A start or end tag as every program reads it: quotes around values alone, and no further `<`, even in a value, so that what one program takes for
 * a value is no tag to another.
 */
const TAG = /<\/?([a-z][\w:-]*)((?:(?:\s+|(?<=["']))[^\s"'<>/=]+(?:\s*=\s*(?:"[^"<]*"|'[^'<]*'|[^\s"'<>=`]+))?)*)\s*\/?>/iy;
/** What runs, loads, sends, changes where links lead, or holds text by rules of its own. */
const REFUSED_TAGS =
  /^(?:script|style|iframe|frame|frameset|object|embed|applet|form|input|button|base|link|textarea|noscript|noembed|noframes|xmp|plaintext|template|svg|math)$/i;

function faultsOfPlaceholders(kind: MailKind, field: MailTemplateField, value: string): TemplateFault[] {
  const allowed: readonly string[] = placeholdersOf(kind, field);
  const unknown = [...value.matchAll(PLACEHOLDER)].flatMap(({ 1: name = '', index }) =>
    allowed.includes(name.trim())
      ? []
      : [{ field, at: index, problem: `there is no placeholder "${name.trim().slice(0, 40)}" here, only ${allowed.join(', ')}` }],
  );
  // What is left of braces is a placeholder that somebody mistyped, and would be sent as it stands.
  const rest = value.replaceAll(PLACEHOLDER, (found) => ' '.repeat(found.length));
  const stray = [...rest.matchAll(/\{\{|\}\}/g), ...value.matchAll(/\{{3,}|\}{3,}/g)].map(({ 0: braces, index }) => ({
    field,
    at: index,
    problem: `"${braces}" is part of no placeholder`,
  }));
  const named = [...value.matchAll(PLACEHOLDER)].map(({ 1: name }) => name?.trim());
  const missing = field === 'subject' ? [] : linksOf(kind).filter((name) => !named.includes(name));
  return [
    ...unknown,
    ...stray,
    ...missing.map((name) => ({
      field,
      at: value.length,
      problem:
        name === 'link' ? '{{link}} is missing: it is what the mail is for' : `{{${name}}} is missing: people have to find out of it`,
    })),
  ];
}

/** As programs read an address: with its character references resolved, and without controls. */
const asAddress = (attributes: string): string =>
  attributes
    .replaceAll(/&#(?:x([\da-f]+)|(\d+));?/gi, (_, hex: string | undefined, decimal: string) => {
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x7f ? String.fromCharCode(code) : ' ';
    })
    .replaceAll(/&colon;/gi, ':')
    .replaceAll(/&(?:tab|newline);|\p{Cc}/giu, '')
    .replaceAll(/(["'=])\s+/g, '$1');

/**
 * Values are escaped for text between tags and for a quoted `href`; anywhere else a value could become more than text. Tags are read as far
 * as that takes, and what reads differently from one program to the next is refused.
 */
function faultsOfHtml(html: string): TemplateFault[] {
  const faults: TemplateFault[] = [];
  const fault = (at: number, problem: string) => void faults.push({ field: 'html', at, problem });
  for (let at = html.indexOf('<'); at !== -1; at = html.indexOf('<', at)) {
    if (html.startsWith('<!--', at)) {
      const end = html.indexOf('-->', at);
      if (end === -1) return [...faults, { field: 'html', at, problem: 'this comment does not end' }];
      const comment = html.slice(at + 1, end);
      if (comment.includes('{{')) fault(at, 'a placeholder in a comment is seen by nobody');
      // Programs end a comment in different places, and some read what is in it.
      if (comment.includes('<')) fault(at, 'a comment holds no tags');
      at = end + 3;
      continue;
    }
    const doctype = /<!doctype html>/iy;
    doctype.lastIndex = at;
    TAG.lastIndex = at;
    const [tag, name = '', attributes = ''] = TAG.exec(html) ?? doctype.exec(html) ?? [];
    if (tag === undefined) {
      fault(at, 'this is no tag that ends; write &lt; for the sign itself');
      at += 1;
      continue;
    }
    if (REFUSED_TAGS.test(name)) fault(at, `<${name.toLowerCase()}> has no place in a mail`);
    if (/[\s"'/]on[a-z]+\s*=/i.test(attributes)) fault(at, 'a mail runs no scripts');
    if (/["'\s=](?:java|vb)script:/i.test(asAddress(attributes))) fault(at, 'a mail runs no scripts');
    if (/http-equiv/i.test(attributes)) fault(at, 'a mail leads nowhere by itself');
    if (attributes.replaceAll(LINK_AS_ADDRESS, '').includes('{{') || name.includes('{{'))
      fault(at, 'in a tag stands href="{{link}}" and no other placeholder');
    at += tag.length;
  }
  return faults;
}

/** What is wrong with a template, the first twenty of it. One that was stored by an earlier version may have faults for this one. */
function faultsOf(kind: MailKind, template: MailTemplate): readonly TemplateFault[] {
  const faults = (['subject', 'text', 'html'] as const).flatMap((field) => faultsOfPlaceholders(kind, field, template[field]));
  return [...faults, ...faultsOfHtml(template.html)].slice(0, 20);
}

/** Throws `MAIL_TEMPLATE_INVALID` with the faults. */
function check(kind: MailKind, template: MailTemplate): void {
  const faults = faultsOf(kind, template);
  if (faults.length > 0) throw mailTemplateErrors.INVALID({ faults });
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? character);

/** One line without controls and without what cannot be seen or turns the direction: what somebody calls themself ends no line of a mail. */
const oneLine = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\u2028\u2029\s]+/gu, ' ')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .trim();

/** Puts the values in, in one pass: a value that looks like a placeholder stays as it is. */
function render({ subject, text, html }: MailTemplate, values: MailValues): MailTemplate {
  const filled = (template: string, write: (value: string) => string) =>
    template.replaceAll(PLACEHOLDER, (found, name: string) => {
      const value = values[name.trim() as Placeholder];
      return value === undefined ? found : write(value);
    });
  return {
    subject: oneLine(filled(subject, oneLine)),
    text: filled(text, oneLine),
    html: filled(html, (value) => escaped(oneLine(value))),
  };
}

/** From a tag to what it is a kind of (RFC 4647, 3.4): `de-CH-1996`, `de-CH`, `de`. */
export function* broader(locale: string): Generator<string> {
  const parts = locale.split('-');
  for (let length = parts.length; length > 0; length -= 1) yield parts.slice(0, length).join('-');
}

export const MailTemplate = { check, faultsOf, render };
