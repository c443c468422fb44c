import type { Mail } from '@coucou/application/ports/mailer';
import { headerLine } from './address.ts';

export type RenderedMail = Readonly<{ subject: string; text: string; html: string }>;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => escapes[character] ?? character);

/** Mail clients know no style sheets. */
const BODY = 'margin:0;padding:24px;font:16px/1.6 system-ui,-apple-system,Segoe UI,Roboto,sans-serif;color:#1d1b2e;background:#ffffff';
const BUTTON = 'display:inline-block;padding:10px 18px;border-radius:8px;background:#4f42d8;color:#ffffff;text-decoration:none';

/** The same content twice: plain text, and HTML without pictures, scripts or anything that is loaded from elsewhere. */
export function render({ subject, paragraphs, link }: Mail): RenderedMail {
  const text = [...paragraphs, ...(link === undefined ? [] : [`${link.label}:\n${link.url}`])].join('\n\n');
  const blocks = paragraphs.map((paragraph) => `<p>${escaped(paragraph)}</p>`);
  if (link !== undefined) {
    const url = escaped(link.url);
    blocks.push(
      `<p><a href="${url}" style="${BUTTON}">${escaped(link.label)}</a></p>`,
      `<p style="color:#5d5a72;font-size:14px">If the button does not work, open this address:<br><a href="${url}">${url}</a></p>`,
    );
  }
  const title = headerLine(subject);
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)}</title></head>
<body style="${BODY}"><div style="max-width:560px;margin:0 auto">
${blocks.join('\n')}
</div></body></html>
`;
  return { subject: title, text: `${text}\n`, html };
}
