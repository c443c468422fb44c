import { once } from 'node:events';
import { createServer, type Http2Server, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { PushMessage } from '@coucou/application/ports/push-services';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApns } from './apns.ts';
import { createFcm } from './fcm.ts';

/** A service on this machine that speaks HTTP/2, and remembers what it was asked. */
type Asked = Readonly<{ path: string; headers: IncomingHttpHeaders; body: string }>;
let server: Http2Server;
let asked: Asked[];
let answers: (asked: Asked) => readonly [number, object?, Record<string, string>?];
let url: string;
const undo: (() => void)[] = [];
beforeEach(async () => {
  [asked, answers] = [[], () => [200]];
  server = createServer();
  server.on('stream', (stream, headers) => {
    void stream.toArray().then((chunks: Buffer[]) => {
      const one = { path: String(headers[':path']), headers, body: Buffer.concat(chunks).toString() };
      asked.push(one);
      const [status, body, more] = answers(one);
      stream.respond({ ':status': status, ...more });
      stream.end(body === undefined ? '' : JSON.stringify(body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  for (const step of undo.splice(0)) step();
  server.close();
});

const message: PushMessage = {
  data: { kind: 'message', conversationId: 'c', seq: 7 },
  title: 'alice',
  text: 'hello',
  badge: 3,
  collapseKey: 'k',
  urgency: 'high',
  ttlSeconds: 60,
};
const bare: PushMessage = { ...message, title: undefined, text: undefined };
let now = new Date('2026-01-15T12:00:00.000Z');
/** Signing has tests of its own; here it counts. */
const signer = () => {
  const signed: object[] = [];
  const sign = async (assertion: object) => `token ${signed.push(assertion)}`;
  return { signed, sign };
};

describe('APNs', () => {
  const token = 'a'.repeat(64);
  const open = () => {
    const { signed, sign } = signer();
    const apns = createApns({ url, sign, teamId: 'TEAM', topic: 'com.example.chat', now: () => now });
    undo.push(apns.close);
    return { signed, send: (sent: PushMessage = message) => apns.send({ service: 'apns', token }, sent) };
  };

  it('gets what its documentation asks for, by one token for 40 minutes', async () => {
    const { signed, send } = open();
    expect([await send(), await send(bare)]).toEqual([{ is: 'taken' }, { is: 'taken' }]);
    expect(asked[0]).toMatchObject({
      path: `/3/device/${token}`,
      headers: {
        authorization: 'bearer token 1',
        'apns-topic': 'com.example.chat',
        'apns-push-type': 'alert',
        'apns-priority': '10',
        'apns-collapse-id': 'k',
        'apns-expiration': String(now.getTime() / 1_000 + 60),
      },
    });
    expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ aps: { alert: { title: 'alice', body: 'hello' }, badge: 3 }, seq: 7 });
    expect(JSON.parse(asked[1]?.body ?? '').aps.alert).toEqual({ 'loc-key': 'COUCOU_NO_CONTENT' });
    now = new Date(now.getTime() + 41 * 60_000);
    await send();
    expect(signed).toMatchObject([{ claims: { iss: 'TEAM' } }, { claims: { iss: 'TEAM' } }]);
  });

  it.each([
    [410, { reason: 'Unregistered' }, { is: 'gone' }],
    [400, { reason: 'BadDeviceToken' }, { is: 'gone' }],
    [400, { reason: 'BadTopic' }, { is: 'refused' }],
    [403, { reason: 'ExpiredProviderToken' }, { is: 'later', retryAfter: undefined }],
    [429, { reason: 'TooManyRequests' }, { is: 'later', retryAfter: '30' }],
    [503, undefined, { is: 'later', retryAfter: '30' }],
  ])('answers %i %o', async (status, body, outcome) => {
    answers = () => [status, body ?? {}, { 'retry-after': '30' }];
    expect(await open().send()).toEqual(outcome);
  });

  it('that is not there is called again later', async () => {
    const { send } = open();
    await send();
    server.close();
    url = 'http://127.0.0.1:1';
    expect(await open().send()).toEqual({ is: 'later', retryAfter: undefined });
  });
});

describe('FCM', () => {
  const token = `${'f'.repeat(30)}:APA91b`;
  const open = () => {
    const { signed, sign } = signer();
    const fcm = createFcm({ url, projectId: 'p', clientEmail: 'a@p.example', tokenUri: `${url}/token`, sign, now: () => now });
    undo.push(fcm.close);
    return { signed, send: (sent: PushMessage = message) => fcm.send({ service: 'fcm', token }, sent) };
  };
  const withToken =
    (sent: typeof answers): typeof answers =>
    (one) =>
      one.path === '/token' ? [200, { access_token: 'access', expires_in: 3600 }] : sent(one);

  it('gets what its documentation asks for, by a token that its issuer gives for an assertion', async () => {
    answers = withToken(() => [200, { name: 'x' }]);
    const { signed, send } = open();
    expect([await send(), await send(bare)]).toEqual([{ is: 'taken' }, { is: 'taken' }]);
    expect(signed).toMatchObject([{ claims: { iss: 'a@p.example', aud: `${url}/token` }, seconds: 3600 }]);
    expect(new URLSearchParams(asked[0]?.body).get('assertion')).toBe('token 1');
    expect(asked[1]).toMatchObject({ path: '/v1/projects/p/messages:send', headers: { authorization: 'Bearer access' } });
    expect(JSON.parse(asked[1]?.body ?? '').message).toEqual({
      token,
      data: { kind: 'message', conversationId: 'c', seq: '7', badge: '3' },
      notification: { title: 'alice', body: 'hello' },
      android: { collapse_key: 'k', priority: 'high', ttl: '60s' },
    });
    expect(JSON.parse(asked[2]?.body ?? '').message).not.toHaveProperty('notification');
  });

  it.each([
    [404, { error: { status: 'NOT_FOUND', details: [{ errorCode: 'UNREGISTERED' }] } }, { is: 'gone' }],
    [403, { error: { status: 'PERMISSION_DENIED', details: [{ errorCode: 'SENDER_ID_MISMATCH' }] } }, { is: 'gone' }],
    [400, { error: { status: 'INVALID_ARGUMENT' } }, { is: 'refused' }],
    [401, { error: { status: 'UNAUTHENTICATED' } }, { is: 'later', retryAfter: undefined }],
    [503, { error: { status: 'UNAVAILABLE' } }, { is: 'later', retryAfter: '9' }],
  ])('answers %i %o', async (status, body, outcome) => {
    answers = withToken(() => [status, body, { 'retry-after': '9' }]);
    expect(await open().send()).toEqual(outcome);
  });

  it('whose issuer gives no token is called again later', async () => {
    answers = () => [500];
    expect(await open().send()).toEqual({ is: 'later', retryAfter: undefined });
  });
});
