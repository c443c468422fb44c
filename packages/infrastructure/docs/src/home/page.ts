import { BASE, LOGO } from '../brand.ts';
import { type Html, html, nothing } from '../html.ts';
import { type Page, policyOf, scriptOf, styleOf } from './inline.ts';

export type HomeOptions = Readonly<{
  version: string;
  /** What runs the scripts of the server: `pnpm`, or through npx. */
  command?: string;
  /** What the data is kept in, for people; absent where strangers read it. */
  storage?: string;
}>;

const raw = (markup: string): Html => ({ markup });

/** `demo`: two people side by side; `hint`: how to get them; `none`: for servers that others reach. */
export type Variant = 'demo' | 'hint' | 'none';

const demoModules = ['connection', 'session', 'chat', 'view', 'frames', 'main'].map((name) => `demo/${name}.js`);

/** The page at `/`: one static file. */
export function homePage({ version, command = 'pnpm', storage }: HomeOptions, variant: Variant): Page {
  const style = `${BASE}\n${styleOf('page.css', ...(variant === 'demo' ? ['demo/demo.css'] : []))}`;
  const script = variant === 'demo' ? scriptOf(...demoModules) : undefined;
  const text = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Coucou</title>
<link rel="icon" href="favicon.ico" type="image/svg+xml">
<style>${raw(style)}</style>
</head>
<body>
<header class="top"><div class="wrap">
<a class="brand" href="./">${raw(LOGO)}<span>Coucou <small>${version}</small></span></a>
<nav aria-label="Documentation"><a href="docs/api/">API reference</a><a href="docs/events">Events</a><a href="docs/guides/">Guides</a><a href="docs/errors">Errors</a></nav>
</div></header>
<main class="wrap">
${intro(storage, command, variant)}
${variant === 'demo' ? demo : nothing}
${links}
</main>
${script === undefined ? nothing : html`<script type="module">${raw(script)}</script>`}
</body>
</html>
`.markup;
  return { text, policy: policyOf(style, script) };
}

function intro(storage: string | undefined, command: string, variant: Variant): Html {
  const kept = storage === undefined ? nothing : html` The server keeps its data in ${storage}.`;
  if (variant === 'none')
    return html`<div class="intro"><h1>A chat server</h1>
<p>Conversations, messages, presence and sync over REST, Socket.IO and plain WebSocket.${kept}</p></div>`;
  if (variant === 'hint')
    return html`<div class="intro"><h1>The server is running</h1>
<p>${kept} There are no demo people: run <code>${command} cli seed</code> and reload, and two of them chat on this page.</p></div>`;
  return html`<div class="intro"><h1>The server is running. Say something.</h1>
<p>Two people, each on a connection of their own. The page uses nothing but the public API: REST and a plain WebSocket.${kept}</p></div>`;
}

const demo = html`<section id="demo" aria-label="Demo conversation"><p>Signing in…</p></section>
<details id="frames"><summary><b>Frames</b> of both connections as they go: <span data-part="count">0</span></summary><ol></ol></details>
<template id="pane"><article class="pane">
<header><span class="avatar"><span data-part="avatar"></span><i class="dot" data-part="dot"></i></span>
<div class="who"><b data-part="name"></b><span data-part="status"></span></div>
<div class="side">you are <b data-part="me"></b><button type="button" data-part="plug"></button></div></header>
<ul data-part="list" aria-live="polite" tabindex="0"></ul>
<p class="typing" data-part="typing" hidden><i></i><i></i><i></i></p>
<form data-part="form"><input data-part="input" autocomplete="off" maxlength="5000" enterkeyhint="send"><button aria-label="Send"><svg viewBox="0 0 20 20" aria-hidden="true"><path d="M10 16V4M4.5 9.5 10 4l5.5 5.5"/></svg></button></form>
</article></template>`;

const card = (href: string, title: string, about: string): Html => html`<li><a href="${href}"><b>${title}</b>${about}</a></li>`;

const links = html`<nav aria-label="Where to go on"><ul class="cards">
${card('docs/api/', 'API reference', 'Every REST operation, with a form to try it')}
${card('docs/events', 'Events', 'Socket.IO and plain WebSocket: calls and events')}
${card('docs/guides/', 'Guides', 'Build a client step by step; operate a server')}
${card('docs/errors', 'Error catalogue', 'Every code, what it means and what to do')}
</ul>
<p class="more"><a href="health/ready">health</a><a href="openapi.json">openapi.json</a><a href="asyncapi.json">asyncapi.json</a><a href=".well-known/coucou">.well-known/coucou</a></p>
</nav>`;
