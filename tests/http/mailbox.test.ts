import { createHash, randomUUID } from 'node:crypto';
import { Mailer } from '@coucou/application/ports/mailer';
import type { Container } from '@coucou/server/composition/container';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const inline = (text: string, tag: string) => new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`).exec(text)?.[1] ?? '';

/** A server, and the mailer in it. */
async function startWithMailer(env: Record<string, string> = {}): Promise<{ server: ListeningApp; mailer: () => Mailer }> {
  let container: Container | undefined;
  const server = await startTestApp({ env, overrides: { overrides: [(ports) => void (container = ports)] } });
  return {
    server,
    mailer: () => {
      if (container === undefined) throw new Error('no port was provided');
      return container.resolve(Mailer);
    },
  };
}

describe('the development mailbox', () => {
  let server: ListeningApp;
  let mailer: () => Mailer;
  beforeAll(async () => {
    ({ server, mailer } = await startWithMailer());
  });
  afterAll(() => server.close());
  const ask = (path: string, headers: Record<string, string> = {}) => fetch(`${server.url}${path}`, { headers });
  const url = 'http://127.0.0.1:3000/links/verify-email#token=abc';
  const mail = (subject: string) => ({
    id: randomUUID(),
    to: { address: 'alice@example.com' },
    subject,
    text: `Hello <b>Alice</b>.\n\n${url}\n`,
    html: '<p>Hello &lt;b&gt;Alice&lt;/b&gt;.</p>',
    link: url,
  });

  it('shows the mails with their links, newest first, to people and to programs', async () => {
    expect(await (await ask('/dev/mailbox')).text()).toContain('No mail yet.');
    expect(await (await ask('/dev/mails')).json()).toEqual({ items: [] });
    for (const subject of ['First', 'Second']) await mailer().send(mail(subject));
    const text = await (await ask('/dev/mailbox')).text();
    expect([...text.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, subject]) => subject)).toEqual(['Second', 'First']);
    expect(text).toContain(`<a class="open" href="${url}">`);
    expect(text).toContain('Hello &lt;b&gt;Alice&lt;/b&gt;.');
    const { items } = (await (await ask('/dev/mails')).json()) as { items: Record<string, string>[] };
    expect(items.map(({ subject }) => subject)).toEqual(['Second', 'First']);
    expect(items[0]).toMatchObject({ to: 'alice@example.com', link: url, text: expect.stringContaining('Hello <b>Alice</b>.') });
    expect(text).toContain(`data-newest="${items[0]?.['id']}"`);
  });

  it('is one file that its policy allows, and nothing else', async () => {
    const answer = await ask('/dev/mailbox');
    const text = await answer.text();
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(`style-src ${hash(inline(text, 'style'))};`);
    expect(policy).toContain(`script-src ${hash(inline(text, 'script'))};`);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(text).not.toMatch(/ (?:style|on\w+)="/);
  });

  it.each([{ 'x-forwarded-for': '127.0.0.1' }, { forwarded: 'for=127.0.0.1' }, { via: '1.1 proxy' }])(
    'is an unknown path to a request with %j',
    async (headers) => {
      for (const path of ['/dev/mailbox', '/dev/mails']) {
        const answer = await ask(path, headers);
        expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'OPERATION_UNKNOWN', path }]);
        expect(answer.headers.get('content-security-policy')).toBe((await ask('/dev/none')).headers.get('content-security-policy'));
      }
    },
  );

  it('cannot be read by a page of another origin', async () => {
    const answer = await ask('/dev/mailbox', { origin: 'http://localhost:5173' });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('is named where the health of the server is asked for', async () => {
    expect(await (await ask('/health/ready')).json()).toMatchObject({
      status: 'up',
      checks: { mail: { status: 'up', detail: 'kept at /dev/mailbox' } },
    });
  });
});

describe('a server without a development mailbox', () => {
  const statusOf = async ({ url }: ListeningApp, path: string) => (await fetch(`${url}${path}`)).status;
  const healthOf = async ({ url }: ListeningApp) => (await fetch(`${url}/health/ready`)).json();

  it('has no mail server and says so, where others reach it', async () => {
    const { server, mailer } = await startWithMailer({ PUBLIC_URL: 'https://chat.example.com' });
    try {
      expect(mailer().isAvailable).toBe(false);
      expect([await statusOf(server, '/dev/mailbox'), await statusOf(server, '/dev/mails')]).toEqual([404, 404]);
      expect(await healthOf(server)).toMatchObject({ status: 'up', checks: { mail: { detail: 'off: SMTP_URL is not set' } } });
    } finally {
      await server.close();
    }
  });

  it('has the mail server of SMTP_URL, and works without its answering', async () => {
    const { server, mailer } = await startWithMailer({ SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'Coucou <no-reply@chat.example.com>' });
    try {
      expect(mailer().isAvailable).toBe(true);
      expect(await statusOf(server, '/dev/mailbox')).toBe(404);
      expect(await healthOf(server)).toMatchObject({ status: 'degraded', checks: { mail: { status: 'degraded' } } });
    } finally {
      await server.close();
    }
  });
});
