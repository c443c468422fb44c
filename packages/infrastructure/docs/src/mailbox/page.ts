import { BASE, LOGO } from '../brand.ts';
import { type Page, policyOf, scriptOf, styleOf } from '../home/inline.ts';
import { type Html, html, nothing } from '../html.ts';

/** A mail as the page shows it. */
export type ShownMail = Readonly<{ id: string; at: Date; to: string; subject: string; text: string; link: string | undefined }>;

const raw = (markup: string): Html => ({ markup });

/** The development mailbox: what would have been sent, newest first. Its script reloads it when another mail has come. */
export function mailboxPage(mails: readonly ShownMail[]): Page {
  const style = `${BASE}\n${styleOf('page.css', '../mailbox/mailbox.css')}`;
  const script = scriptOf('../mailbox/watch.js');
  const text = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Mailbox · Coucou</title>
<link rel="icon" href="../favicon.ico" type="image/svg+xml">
<style>${raw(style)}</style>
</head>
<body data-newest="${mails[0]?.id ?? ''}">
<header class="top"><div class="wrap">
<a class="brand" href="../">${raw(LOGO)}<span>Coucou <small>mailbox</small></span></a>
<nav aria-label="Documentation"><a href="../docs/api/">API reference</a><a href="../docs/guides/">Guides</a></nav>
</div></header>
<main class="wrap">
<div class="intro"><h1>Development mailbox</h1>
<p>This server sends no mail: what it would have sent is kept here, in memory, until it stops. Set <code>SMTP_URL</code> to send it.</p></div>
${mails.length === 0 ? html`<p class="none">No mail yet. This page reloads when one arrives.</p>` : mails.map(article)}
</main>
<script type="module">${raw(script)}</script>
</body>
</html>
`.markup;
  return { text, policy: policyOf(style, script) };
}

const article = ({ at, to, subject, text, link }: ShownMail): Html => html`<article>
<header><h2>${subject}</h2><p>to <b>${to}</b>, <time datetime="${at.toISOString()}">${at.toISOString().replace('T', ' ').slice(0, 19)} UTC</time></p></header>
<pre>${text}</pre>
${link === undefined ? nothing : html`<p><a class="open" href="${link}">Open the link</a></p>`}
</article>`;
