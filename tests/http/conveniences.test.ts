import { request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { operation } from '@coucou/contracts/kernel/operation';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { stubServer } from './stub-server.ts';

type Answer = Readonly<{ status: number; headers: Record<string, unknown>; body: string }>;

/** Sends the headers as they are, `Host` included. */
const ask = (url: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const request = send(url, { method: body === undefined ? 'GET' : 'POST', headers }, (response) => {
      text(response).then((said) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: said }), reject);
    });
    request.on('error', reject).end(body);
  });

/** What an answer says, without what differs from request to request. */
const gist = ({ status, headers, body }: Answer) => {
  const { timestamp: _t, requestId: _r, path: _p, ...error } = JSON.parse(body);
  const { date: _d, 'x-request-id': _i, 'content-length': _l, ...kept } = headers;
  return { status, headers: kept, error };
};

const people = {
  operation: operation({
    name: 'dev.people',
    summary: 'People.',
    http: { method: 'GET', path: '/people', status: 200 },
    access: 'public',
    input: z.strictObject({}),
    output: z.object({ items: z.array(z.unknown()) }),
    errors: [],
  }),
  run: async () => ({ body: { items: [] }, existing: false }),
};

describe('a convenience of development', () => {
  const { app } = stubServer({ conveniences: [people], production: false });
  let port: number;
  const local = (path: string) => `http://127.0.0.1:${port}${path}`;

  beforeAll(async () => {
    await app.listen({ port: 0, host: '0.0.0.0' });
    ({ port } = app.server.address() as AddressInfo);
  });
  afterAll(() => app.close());

  it('answers this machine', async () => {
    expect(await ask(local('/dev/people'))).toMatchObject({ status: 200, body: '{"items":[]}' });
    expect((await ask(local('/dev/people'), { host: 'localhost:3000' })).status).toBe(200);
  });

  it.each([
    { host: 'evil.example' },
    { host: 'evil.example:3000', origin: 'http://evil.example:3000' },
    { host: '192.168.1.7' },
    { 'x-forwarded-for': '127.0.0.1' },
    { forwarded: 'for=127.0.0.1' },
    { 'x-real-ip': '127.0.0.1' },
    { via: '1.1 proxy' },
  ])('is an unknown path to a request with %j', async (headers) => {
    const answer = await ask(local('/dev/people'), headers);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'OPERATION_UNKNOWN', path: '/dev/people' });
    expect(gist(answer)).toEqual(gist(await ask(local('/dev/nothing'), headers)));
  });

  it('is an unknown path to another machine', async (test) => {
    const other = Object.values(networkInterfaces())
      .flat()
      .find((each) => each?.family === 'IPv4' && !each.internal);
    if (other === undefined) return test.skip('this machine has no address but loopback');
    const answer = await ask(`http://${other.address}:${port}/dev/people`, { host: 'localhost' });
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([404, 'OPERATION_UNKNOWN']);
  });

  it('cannot be read by a page of another origin, whatever the API allows', async () => {
    const origin = 'http://localhost:5173';
    expect((await ask(local('/api/v1/ping'), { origin, 'content-type': 'application/json' }, '{}')).headers).toHaveProperty(
      'access-control-allow-origin',
      origin,
    );
    const answer = await ask(local('/dev/people'), { origin });
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('demo people', () => {
  let server: ListeningApp;
  const json = { 'content-type': 'application/json' };
  const signIn = (username: string, headers: Record<string, string> = json) =>
    ask(`${server.url}/dev/sign-in`, headers, JSON.stringify({ username }));
  const signUp = (username: string, password: string) =>
    ask(
      `${server.url}/api/v1/auth/signup`,
      json,
      JSON.stringify({ username, password, email: `${username}@example.com`, displayName: 'Alice Martin' }),
    );

  beforeAll(async () => {
    server = await startTestApp();
  });
  afterAll(() => server.close());

  it('are none until they exist', async () => {
    expect((await ask(`${server.url}/dev/people`)).body).toBe('{"items":[]}');
    const answer = await signIn('alice');
    expect([answer.status, JSON.parse(answer.body).code]).toEqual([404, 'USER_NOT_FOUND']);
  });

  it('are signed in by their name, as by a login', async () => {
    expect((await signUp('alice', 'coucou-alice')).status).toBe(201);
    expect(JSON.parse((await ask(`${server.url}/dev/people`)).body)).toEqual({
      items: [{ username: 'alice', displayName: 'Alice Martin' }],
    });
    const answer = await signIn('alice');
    expect(answer.status).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    const { accessToken, user } = JSON.parse(answer.body);
    expect(user.username).toBe('alice');
    expect((await ask(`${server.url}/api/v1/auth/me`, { authorization: `Bearer ${accessToken}` })).status).toBe(200);
  });

  it('are not those who have another name or another password', async () => {
    expect((await signUp('bob', 'a password of my own')).status).toBe(201);
    expect((await signUp('mallory', 'coucou-mallory')).status).toBe(201);
    for (const username of ['bob', 'mallory', 'nobody']) {
      const answer = await signIn(username);
      expect([username, answer.status, JSON.parse(answer.body).code]).toEqual([username, 404, 'USER_NOT_FOUND']);
    }
    expect(JSON.parse((await ask(`${server.url}/dev/people`)).body).items).toHaveLength(1);
  });

  it('are for pages of the server itself, in JSON', async () => {
    const codeOf = async (headers: Record<string, string>) => JSON.parse((await signIn('alice', headers)).body).code;
    expect(await codeOf({ ...json, origin: 'http://localhost:5173' })).toBe('ORIGIN_REFUSED');
    expect(await codeOf({ ...json, origin: 'null' })).toBe('ORIGIN_REFUSED');
    expect(await codeOf({ 'content-type': 'text/plain' })).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect((await signIn('alice', { ...json, origin: server.url })).status).toBe(200);
  });

  it('do not exist for a server that is not for this machine', async () => {
    const elsewhere = await startTestApp({ env: { PUBLIC_URL: 'https://chat.example.com' } });
    try {
      const answer = await ask(`${elsewhere.url}/dev/people`);
      expect([answer.status, JSON.parse(answer.body).code]).toEqual([404, 'OPERATION_UNKNOWN']);
    } finally {
      await elsewhere.close();
    }
  });
});
