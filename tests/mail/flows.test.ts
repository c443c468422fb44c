import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { RateLimiter } from '@coucou/application/ports/rate-limiter';
import { linkPages } from '@coucou/docs/links/page';
import { override } from '@coucou/server/composition/ports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import type { Payload } from '../support/event-log.ts';
import { startOnEither } from '../support/either-engine.ts';
import type { ListeningApp } from '../support/listening-app.ts';
import { openSmtpSink, type SmtpSink, type SunkMail } from '../support/smtp-sink.ts';
import { until } from '../support/until.ts';

const PASSWORD = 'correct horse battery';
const NEW = 'a battery that is new';

let sink: SmtpSink;
let server: ListeningApp;
let people = 0;
beforeAll(async () => {
  sink = await openSmtpSink();
  // Limits have tests of their own.
  const unlimited: RateLimiter = { take: async () => {}, giveBack: async () => {} };
  server = await startOnEither({
    env: { SMTP_URL: sink.url, MAIL_FROM: 'Coucou <no-reply@chat.example.com>' },
    overrides: { overrides: [override(RateLimiter, unlimited)] },
  });
});
afterAll(async () => {
  await server.close();
  await sink.close();
});

const call = (path: string, body: object = {}, token?: string, headers?: Record<string, string>) =>
  httpClient(server.url, token === undefined ? {} : { token }).call('POST', `/api/v1/auth/${path}`, body, headers);

async function signUp(more: Record<string, string> = {}): Promise<Payload> {
  const username = `mailed${(people += 1)}`;
  const { status, body } = await call('signup', { username, email: `${username}@example.com`, password: PASSWORD, ...more });
  expect(status).toBe(201);
  return body;
}

/** The newest mail to this address whose text has such a link. */
async function mailTo(address: string, page: string): Promise<Readonly<{ sunk: SunkMail; url: string; token: string }>> {
  await server.settled();
  const found = sink.received.toReversed().flatMap((sunk) => {
    const url = new RegExp(`^(\\S+/${page})#token=(\\S+)$`, 'm').exec(sunk.mail.text ?? '');
    return sunk.to.includes(address) && url?.[1] !== undefined && url[2] !== undefined ? [{ sunk, url: url[1], token: url[2] }] : [];
  });
  const [newest] = found;
  if (newest === undefined) throw new Error(`there is no mail to ${address} with a link to ${page}`);
  return newest;
}

/** What the page of a link does in a browser: its own script, over as much of a document as it touches. */
async function follow(
  url: string,
  token: string,
  fields: Record<string, string> = {},
): Promise<Readonly<{ text: string; failed: boolean }>> {
  const answer = await fetch(url);
  const page = await answer.text();
  const name = /<body data-link="([\w-]+)">/.exec(page)?.[1];
  const script = /<script type="module">([\s\S]+?)<\/script>/.exec(page)?.[1] ?? '';
  for (const field of Object.keys(fields)) expect(page).toContain(`<input name="${field}"`);
  const outcome = { textContent: '', failed: false, classList: { toggle: (_: string, on: boolean) => (outcome.failed = on) } };
  const listeners: ((event: object) => void)[] = [];
  const button = { disabled: false };
  const form = {
    hidden: false,
    querySelector: () => button,
    addEventListener: (_: string, listen: (event: object) => void) => listeners.push(listen),
  };
  const shown: string[] = [];
  const context = createContext({
    document: { body: { dataset: { link: name } }, querySelector: (selector: string) => (selector === 'form' ? form : outcome) },
    location: { hash: `#token=${token}`, pathname: new URL(url).pathname },
    history: { replaceState: (_state: null, _title: string, path: string) => shown.push(path) },
    URLSearchParams,
    FormData: class extends Map<string, string> {
      constructor() {
        super(Object.entries(fields));
      }
    },
    fetch: (path: string, init: RequestInit) =>
      fetch(new URL(path, url), { ...init, headers: { ...init.headers, origin: new URL(url).origin } }),
  });
  runInContext(`(async () => {${script}})()`, context);
  expect(shown).toEqual([new URL(url).pathname]);
  for (const listen of listeners) listen({ preventDefault() {} });
  await until(() => outcome.textContent !== '', { what: `the page ${url} to say how it went` });
  return { text: outcome.textContent, failed: outcome.failed };
}

describe('a mail from a real SMTP server', () => {
  it('confirms an address by its link', async () => {
    const { user, accessToken } = await signUp();
    const { sunk, url, token } = await mailTo(user.email, 'verify-email');
    expect(sunk).toMatchObject({ from: 'no-reply@chat.example.com', to: [user.email], mail: { from: { name: 'Coucou' } } });
    expect(url).toBe(`${server.url}/links/verify-email`);
    const opened = await fetch(url);
    expect([opened.status, opened.headers.get('referrer-policy')]).toEqual([200, 'no-referrer']);
    expect((await call('email/verify', { token })).body.code).toBe('UNAUTHENTICATED');
    expect((await call('email/verify', { token }, accessToken)).body).toMatchObject({ emailVerified: true });
    expect((await httpClient(server.url, { token: accessToken }).call('GET', '/api/v1/auth/me')).body.user).toMatchObject({
      emailVerified: true,
    });
  });

  it('signs in by its link, once', async () => {
    const email = `newcomer${(people += 1)}@example.com`;
    expect((await call('magic-links', { email })).status).toBe(204);
    const { token } = await mailTo(email, 'magic-link');
    expect((await call('magic-links/consume', { token })).body.user.email).toBe(email);
    expect((await call('magic-links/consume', { token })).body.code).toBe('LINK_INVALID');
  });

  it('replaces a password by its link, and says so', async () => {
    const { user, refreshToken } = await signUp();
    expect((await call('password/forgot', { email: user.email })).status).toBe(204);
    const { token } = await mailTo(user.email, 'reset-password');
    expect((await call('password/reset', { token, password: NEW })).status).toBe(204);
    expect((await call('refresh', { refreshToken })).body.code).toBe('SESSION_REVOKED');
    expect((await call('login', { identifier: user.username, password: NEW })).status).toBe(200);
    await server.settled();
    expect(sink.received.at(-1)).toMatchObject({ to: [user.email], mail: { subject: expect.stringContaining('was changed') } });
  });

  it('moves an address by one link and back by another', async () => {
    const { user, accessToken } = await signUp();
    const { token: own } = await mailTo(user.email, 'verify-email');
    await call('email/verify', { token: own }, accessToken);
    const email = `moved${(people += 1)}@example.com`;
    expect((await call('email/change', { email, password: PASSWORD }, accessToken)).status).toBe(204);
    expect((await call('email/verify', { token: (await mailTo(email, 'verify-email')).token }, accessToken)).body).toMatchObject({ email });
    const { token: back } = await mailTo(user.email, 'undo-email-change');
    expect((await call('email/undo', { token: back })).status).toBe(204);
    expect((await call('login', { identifier: user.email, password: PASSWORD })).body.code).toBe('INVALID_CREDENTIALS');
  });

  it('leads to where the server is reached, whatever a request says', async () => {
    const { user } = await signUp();
    const forged = {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'https',
      forwarded: 'host=evil.example',
    };
    await call('password/forgot', { email: user.email }, undefined, forged);
    const { url, sunk } = await mailTo(user.email, 'reset-password');
    expect(url).toBe(`${server.url}/links/reset-password`);
    expect(sunk.raw).not.toContain('evil.example');
  });

  it.each(['a\r\nBcc: mallory@example.com', 'a\nSubject: owned', 'a\u0000b', '\u202e'])(
    'is not sent under the name %j: it is refused',
    async (displayName) => {
      const answer = await call('signup', {
        username: `mailed${(people += 1)}`,
        email: `mailed${people}@example.com`,
        password: PASSWORD,
        displayName,
      });
      expect([answer.status, answer.body.code]).toEqual([400, 'VALIDATION_FAILED']);
    },
  );

  it.each([
    'a@example.com\r\nRCPT TO:<mallory@example.com>',
    'a@example.com, mallory@example.com',
    '"a b"@example.com',
    'a@exämple.com',
    'a@еxample.com',
  ])('is not sent to %j: it is refused', async (email) => {
    for (const path of ['password/forgot', 'magic-links'])
      expect([path, (await call(path, { email })).body.code]).toEqual([path, 'VALIDATION_FAILED']);
  });

  it('has one recipient and no words of others, whatever their name is', async () => {
    const { user, accessToken } = await signUp({ displayName: '=?utf-8?Q?x?= "Bcc" <mallory@example.com>, visit https://evil.example' });
    const { sunk: first, token } = await mailTo(user.email, 'verify-email');
    expect(first.raw).not.toMatch(/mallory|evil/);
    await call('email/verify', { token }, accessToken);
    await call('password/forgot', { email: user.email });
    const { sunk } = await mailTo(user.email, 'reset-password');
    expect(sunk.to).toEqual([user.email]);
    expect(sunk.mail.to).toEqual([{ address: user.email, name: 'utf-8Qx Bcc malloryexample.com visit httpsevil.example' }]);
    expect([sunk.mail.cc, sunk.mail.bcc]).toEqual([undefined, undefined]);
  });

  it('goes to one form of an address', async () => {
    const { user } = await signUp();
    for (const form of [user.email.toUpperCase(), ` ${user.email} `, user.email.replace('m', 'ｍ')]) {
      sink.received.length = 0;
      expect((await call('password/forgot', { email: form })).status).toBe(204);
      expect((await mailTo(user.email, 'reset-password')).sunk.to).toEqual([user.email]);
    }
  });

  it('is asked for in the same time, and with the same answer, whether or not somebody has the address', { retry: 2 }, async () => {
    const { user } = await signUp();
    const times = { known: [] as number[], unknown: [] as number[] };
    const timed = async (of: number[], email: string, path: string) => {
      const begun = performance.now();
      const { status, body } = await call(path, { email });
      of.push(performance.now() - begun);
      expect([status, body]).toEqual([204, undefined]);
    };
    for (let round = 0; round < 60; round += 1) {
      const path = round % 2 === 0 ? 'password/forgot' : 'magic-links';
      const pair = [() => timed(times.known, user.email, path), () => timed(times.unknown, `nobody${round}@example.org`, path)];
      for (const ask of round % 4 < 2 ? pair : pair.toReversed()) {
        await ask();
        // Mail is sent between the calls, not during them.
        await server.settled();
      }
    }
    const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
    const [known, unknown] = [median(times.known), median(times.unknown)];
    expect(Math.abs(known - unknown)).toBeLessThan(Math.max(2, 0.25 * unknown));
  });
});

describe('the pages that links lead to', () => {
  it('do what the link is for', async () => {
    const { user } = await signUp();
    const { url, token } = await mailTo(user.email, 'verify-email');
    const credentials = { identifier: user.username, password: PASSWORD };
    expect(await follow(url, token, { ...credentials, password: 'wrong' })).toEqual({
      text: 'The identifier or the password is wrong.',
      failed: true,
    });
    expect(await follow(url, token, credentials)).toEqual({ text: `${user.email} is confirmed.`, failed: false });

    await call('password/forgot', { email: user.email });
    const reset = await mailTo(user.email, 'reset-password');
    expect(await follow(reset.url, reset.token, { password: NEW })).toMatchObject({ failed: false });
    expect((await call('login', { identifier: user.username, password: NEW })).status).toBe(200);

    await call('magic-links', { email: user.email });
    const magic = await mailTo(user.email, 'magic-link');
    expect(await follow(magic.url, magic.token)).toEqual({
      text: expect.stringMatching(new RegExp(`^You are ${user.username}\\.`)),
      failed: false,
    });
    expect(await follow(magic.url, magic.token)).toMatchObject({
      text: expect.stringContaining('This link is not valid any more'),
      failed: true,
    });
    expect(await follow(magic.url, '')).toMatchObject({ failed: true });
  });

  it.each(linkPages)('are one file that its policy allows, and nothing else: %s', async (name) => {
    const answer = await fetch(`${server.url}/links/${name}`);
    const text = await answer.text();
    expect(answer.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'sha256-[^ ]+'; connect-src 'self'; style-src 'sha256-[^ ]+'; .*frame-ancestors 'none'$/,
    );
    expect(text).not.toMatch(/ (?:style|on\w+)="/);
    expect(text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it('have a script that puts in text as text', () => {
    const script = readFileSync(new URL('../../packages/infrastructure/docs/src/links/links.js', import.meta.url), 'utf8');
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(/);
  });
});
