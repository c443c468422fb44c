import type { MailKind, MailTemplate } from '@coucou/domain/mail/mail-template';
import { english } from './built-in-en.ts';
import { french } from './built-in-fr.ts';
import { german } from './built-in-de.ts';
import type { MailTexts } from './mail-texts.ts';

const languages: Readonly<Record<string, MailTexts>> = { en: english, de: german, fr: french };

/** The languages of the server's own templates. */
export const builtInLocales: readonly string[] = Object.keys(languages);
export const FALLBACK_LOCALE = 'en';

/** Mail clients know no style sheets. Colors of text and page are the client's, so that a dark one stays dark; the button has both of its own. */
const BODY = 'margin:0;padding:24px;font:16px/1.6 system-ui,-apple-system,Segoe UI,Roboto,sans-serif';
const BUTTON = 'display:inline-block;padding:10px 18px;border-radius:8px;background:#4f42d8;color:#ffffff;text-decoration:none';

/** The same content twice: plain text, and HTML without pictures, scripts or anything that is loaded from elsewhere. */
function templateOf(locale: string, { hint, ...kinds }: MailTexts, kind: MailKind): MailTemplate {
  const { subject, paragraphs, label, unsubscribe } = kinds[kind];
  const blocks = paragraphs.map((paragraph) => `<p>${paragraph.replaceAll('"', '&quot;')}</p>`);
  if (label !== undefined) {
    blocks.push(
      `<p><a href="{{link}}" style="${BUTTON}">${label}</a></p>`,
      `<p style="font-size:14px">${hint}<br><a href="{{link}}" style="word-break:break-all">{{link}}</a></p>`,
    );
  }
  if (unsubscribe !== undefined) blocks.push(`<p style="font-size:14px"><a href="{{unsubscribe}}">${unsubscribe}</a></p>`);
  const links = [
    ...(label === undefined ? [] : [`${label}:\n{{link}}`]),
    ...(unsubscribe === undefined ? [] : [`${unsubscribe}:\n{{unsubscribe}}`]),
  ];
  return {
    subject,
    text: `${[...paragraphs, ...links].join('\n\n')}\n`,
    html: `<!doctype html>
<html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${subject}</title></head>
<body style="${BODY}"><div role="article" lang="${locale}" style="max-width:560px;margin:0 auto">
${blocks.join('\n')}
</div></body></html>
`,
  };
}

/** The server's own template, where it speaks this language. */
export const builtInTemplate = (kind: MailKind, locale: string): MailTemplate | undefined => {
  const texts = languages[locale];
  return texts && templateOf(locale, texts, kind);
};
