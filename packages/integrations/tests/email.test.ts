import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../../tests/support/event-log.ts';
import { outboundMailTo } from '../../../tests/support/outbound.ts';
import { openSmtpSink, type SmtpSink } from '../../../tests/support/smtp-sink.ts';
import type { Caller, TestApp } from '../../../tests/support/test-app.ts';
import { refusal } from '../../../tests/use-cases/calls.ts';
import { check, CREDENTIALS, groupOf, mailing, openIntegrationApp, pass, shown } from './integrations.ts';

/** A certificate of `mail.internal` that is its own authority. */
function certificate(): Readonly<{ key: string; cert: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'coucou-mail-'));
  try {
    const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=mail.internal', '-addext', 'subjectAltName=DNS:mail.internal'];
    const made = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      ...subject,
      ...files,
    ];
    execFileSync('openssl', made, { stdio: 'ignore' });
    return { key: readFileSync(join(folder, 'key.pem'), 'utf8'), cert: readFileSync(join(folder, 'cert.pem'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
const { key, cert } = certificate();

/** What a name stands for, at each look-up. */
const addresses: string[] = [];
const resolve = async () => [{ address: addresses.shift() ?? '127.0.0.1', family: 4 }];

let app: TestApp;
let sink: SmtpSink;
let owner: Caller;
let conversationId: string;
const closing: (() => unknown)[] = [];
beforeAll(async () => {
  const allow = ['127.0.0.1', 'mail.internal', 'other.internal'];
  app = await openIntegrationApp({ timeoutSeconds: 3, overrides: [outboundMailTo({ allow, resolve, ca: cert })] });
});
beforeEach(async () => {
  owner = await app.person('alice', await app.account(), 'owner');
  conversationId = (await groupOf(owner, [])).id;
  sink = await openSmtpSink({ credentials: CREDENTIALS });
});
afterEach(async () => {
  app.time.now = undefined;
  addresses.length = 0;
  await Promise.all([sink.close(), ...closing.splice(0).map((close) => close())]);
});
afterAll(() => app.close());

const portOf = ({ url }: SmtpSink): number => Number(new URL(url).port);
const say = (content: string): Promise<Payload> => owner.call('messages.send', { conversationId, content });

describe('an integration by mail', () => {
  it('sends each message through the server of the account', async () => {
    const { integration } = await mailing(owner, conversationId, portOf(sink));
    const message = await say('The lift is stuck.\r\n.\r\nBcc: eve@example.com');
    await owner.call('messages.send', { conversationId, type: 'custom', data: { shows: 'nothing in words' } });
    await app.settled();
    expect(sink.received).toMatchObject([
      {
        from: 'alerts@example.org',
        to: ['desk@example.com'],
        mail: {
          subject: 'Alerts: Lunch',
          from: { address: 'alerts@example.org', name: 'Alerts' },
          messageId: `<${message.id}.${integration.id}@example.org>`,
          text: expect.stringContaining('alice:\n\nThe lift is stuck.\n.\nBcc: eve@example.com'),
        },
      },
    ]);
    expect(sink.received[0]?.mail.bcc).toBeUndefined();
    expect(await shown(owner, integration.id)).toMatchObject({ failures: 0, connector: { kind: 'email', host: '127.0.0.1' } });
  });

  it('keeps its password sealed, and in no answer', async () => {
    const { integration } = await mailing(owner, conversationId, portOf(sink));
    const connector = { kind: 'email', address: 'desk@example.com', from: 'alerts@example.org', host: '127.0.0.1', security: 'none' };
    const kept = await owner.call('admin.updateIntegration', {
      integrationId: integration.id,
      connector: { ...connector, address: 'other@example.com', port: portOf(sink) },
    });
    expect(kept.connector).toEqual({ ...connector, address: 'other@example.com', port: portOf(sink) });
    expect(await check(owner, integration.id)).toMatchObject({ outcome: 'ok' });
    const seen = [
      kept,
      await shown(owner, integration.id),
      await app.sql('select * from integration'),
      await owner.call('admin.listAuditLogs', { limit: 10 }),
    ];
    expect(JSON.stringify(seen)).not.toContain(CREDENTIALS.password);

    // Whoever administers may send them nowhere else.
    const elsewhere = { ...connector, port: portOf(sink) + 1 };
    const move = (more: object) =>
      owner.call('admin.updateIntegration', { integrationId: integration.id, connector: { ...elsewhere, ...more } });
    expect(await refusal(move({}))).toBe('INTEGRATION_CREDENTIALS_REQUIRED');
    expect(await refusal(move({ user: 'coucou' }))).toBe('INTEGRATION_CREDENTIALS_REQUIRED');
    expect((await move(CREDENTIALS)).connector).toEqual(elsewhere);
  });

  it('is checked by signing in, without a mail', async () => {
    const { integration } = await mailing(owner, conversationId, portOf(sink));
    expect(await check(owner, integration.id)).toEqual({ at: expect.any(String), outcome: 'ok' });
    expect([sink.logins(), sink.received]).toEqual([1, []]);
    const wrong = (await mailing(owner, conversationId, portOf(sink), { password: 'another' })).integration;
    expect(await check(owner, wrong.id)).toMatchObject({ outcome: 'authentication', detail: '535' });
  });

  it('tries again what the server does not take now, and gives up what it refuses', async () => {
    const { integration } = await mailing(owner, conversationId, portOf(sink));
    app.time.now = new Date();
    sink.moods.data = 451;
    await say('one');
    await app.settled();
    expect(await shown(owner, integration.id)).toMatchObject({
      failures: 1,
      givenUp: 0,
      lastFailure: { outcome: 'answered', detail: '451' },
    });
    sink.moods.data = undefined;
    await pass(app, 5);
    expect(sink.received).toHaveLength(1);
    sink.moods.rcpt = 550;
    sink.moods.says = 'what the server says of desk@example.com';
    await say('two');
    await app.settled();
    const refused = await shown(owner, integration.id);
    expect(refused).toMatchObject({ givenUp: 1, lastFailure: { outcome: 'rejected', detail: '550' } });
    expect(JSON.stringify(refused.lastFailure)).not.toContain('desk');
  });

  it.each<[string, 'beginning' | 'starttls', string]>([
    ['from the beginning', 'beginning', 'tls'],
    ['by STARTTLS', 'starttls', 'starttls'],
  ])('is encrypted %s, and the certificate is verified for its host', async (_, from, security) => {
    const encrypted = await openSmtpSink({ credentials: CREDENTIALS, tls: { key, cert, from } });
    closing.push(() => encrypted.close());
    const port = portOf(encrypted);
    const { integration } = await mailing(owner, conversationId, port, { host: 'mail.internal', security });
    expect(await check(owner, integration.id)).toMatchObject({ outcome: 'ok' });
    await say('hello');
    await app.settled();
    expect(encrypted.received).toHaveLength(1);
    const other = (await mailing(owner, conversationId, port, { host: 'other.internal', security })).integration;
    expect(await check(owner, other.id)).toMatchObject({ outcome: 'tls' });
    expect(encrypted.logins()).toBe(2);
  });

  it('says no password to a server that does not encrypt', async () => {
    for (const security of ['tls', 'starttls']) {
      const { integration } = await mailing(owner, conversationId, portOf(sink), { host: 'mail.internal', security });
      expect((await check(owner, integration.id)).outcome).toMatch(/tls|timeout/);
    }
    expect(sink.logins()).toBe(0);
  });
});

describe('a mail server', () => {
  it.each<[string, object, string]>([
    ['a private address', { host: '10.0.0.1', port: 465, security: 'tls' }, 'INTEGRATION_TARGET_REFUSED'],
    ['loopback by another name', { host: '0x7f000002', port: 465, security: 'tls' }, 'INTEGRATION_TARGET_REFUSED'],
    ['IPv6 of this machine', { host: '::1', port: 465, security: 'tls' }, 'INTEGRATION_TARGET_REFUSED'],
    ['metadata of a cloud', { host: '169.254.169.254', port: 465, security: 'tls' }, 'INTEGRATION_TARGET_REFUSED'],
    ['no encryption', { host: 'smtp.example.com', port: 25 }, 'INTEGRATION_TARGET_REFUSED'],
    ['a port of no mail server', { host: 'smtp.example.com', port: 6379, security: 'tls' }, 'INTEGRATION_TARGET_REFUSED'],
    ['a path', { host: 'smtp.example.com/x', port: 465, security: 'tls' }, 'VALIDATION_FAILED'],
    ['an address of two', { address: 'a@example.com, b@example.com' }, 'INTEGRATION_ADDRESS_INVALID'],
    ['a sender with a line break', { from: 'a@example.com\r\nBcc: b@example.com' }, 'INTEGRATION_ADDRESS_INVALID'],
    ['a user without a password', { password: undefined }, 'INTEGRATION_CREDENTIALS_REQUIRED'],
    ['nobody', { user: undefined, password: undefined }, 'INTEGRATION_CREDENTIALS_REQUIRED'],
  ])('is refused for %s', async (_, more, code) => {
    expect(await refusal(mailing(owner, conversationId, portOf(sink), more))).toBe(code);
  });

  it('whose name has a private address when it is connected to is not connected to', async () => {
    addresses.push('10.0.0.1', '127.0.0.1');
    const { integration } = await mailing(owner, conversationId, 465, { host: 'smtp.example.com', security: 'tls' });
    for (let times = 0; times < 2; times += 1) expect(await check(owner, integration.id)).toMatchObject({ outcome: 'refused' });
  });

  it('that says nothing, or nonsense, is found out', async () => {
    const sockets: { destroy(): void }[] = [];
    const listen = async (greeting: string | undefined) => {
      const server = createServer((socket) => {
        sockets.push(socket);
        socket.on('error', () => {});
        if (greeting !== undefined) socket.write(greeting);
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      closing.push(() => (sockets.splice(0).forEach((socket) => socket.destroy()), server.close()));
      return (server.address() as AddressInfo).port;
    };
    const outcome = async (port: number) => (await check(owner, (await mailing(owner, conversationId, port)).integration.id)).outcome;
    expect(await outcome(await listen(undefined))).toBe('timeout');
    expect(await outcome(await listen('HTTP/1.1 400 Bad Request\r\n\r\n'))).toMatch(/not_smtp|timeout/);
    expect(await outcome(1)).toBe('unreachable');
  });
});
