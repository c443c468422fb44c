import { BASE, LOGO } from '../brand.ts';
import { type Page, policyOf, scriptOf, styleOf } from '../home/inline.ts';
import { type Html, html } from '../html.ts';

const raw = (markup: string): Html => ({ markup });

const field = (label: string, name: string, type: string, autocomplete: string): Html =>
  html`<label>${label}<input name="${name}" type="${type}" autocomplete="${autocomplete}" maxlength="254" required></label>`;

type Content = Readonly<{ title: string; about: string; fields: readonly Html[]; button: string }>;

/** What links in mails lead to where there is no client app. Nothing happens until the button is pressed: mail servers open links as well. */
const contents: Readonly<Record<string, Content>> = {
  'verify-email': {
    title: 'Confirm your e-mail address',
    about: 'Sign in to confirm it: the link and your password together show that the account and the mailbox are yours.',
    fields: [
      field('Username or e-mail address', 'identifier', 'text', 'username'),
      field('Password', 'password', 'password', 'current-password'),
    ],
    button: 'Sign in and confirm',
  },
  'reset-password': {
    title: 'Choose a new password',
    about: 'At least 8 characters. You will be signed out everywhere.',
    fields: [field('New password', 'password', 'password', 'new-password')],
    button: 'Change the password',
  },
  'magic-link': { title: 'Sign in', about: 'The link is good once.', fields: [], button: 'Sign in' },
  'undo-email-change': {
    title: 'Go back to this e-mail address',
    about:
      'Your account gets this address again, is signed out everywhere, and its password is void. You then sign in by mail, or choose a new password.',
    fields: [],
    button: 'Go back',
  },
  unsubscribe: {
    title: 'No more of these mails',
    about: 'You will not be mailed any more that messages are unread. In your preferences you can ask for it again.',
    fields: [],
    button: 'Unsubscribe',
  },
};

export const linkPages: readonly string[] = Object.keys(contents);

export function linkPage(name: string): Page {
  const { title, about, fields, button } = contents[name] ?? { title: '', about: '', fields: [], button: '' };
  const style = `${BASE}\n${styleOf('page.css', '../links/links.css')}`;
  const script = scriptOf('../links/links.js');
  const text = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · Coucou</title>
<link rel="icon" href="../favicon.ico" type="image/svg+xml">
<style>${raw(style)}</style>
</head>
<body data-link="${name}">
<header class="top"><div class="wrap"><a class="brand" href="../">${raw(LOGO)}<span>Coucou</span></a></div></header>
<main class="wrap">
<div class="intro"><h1>${title}</h1><p>${about}</p></div>
<form>${fields}<button>${button}</button></form>
<p id="outcome" role="status"></p>
</main>
<script type="module">${raw(script)}</script>
</body>
</html>
`.markup;
  return { text, policy: policyOf(style, script) };
}
