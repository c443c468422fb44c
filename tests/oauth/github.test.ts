import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOutbound } from '@coucou/outbound/outbound';
import { createIdentityProviders } from '@coucou/security/identity-providers/identity-providers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const person = { id: 4242, login: 'octo-alice', name: 'Alice' };
const addresses = [
  { email: 'old@example.com', primary: false, verified: true },
  { email: 'alice@example.com', primary: true, verified: true },
];

/** What the API of a GitHub Enterprise Server answers, as GitHub documents it. */
type Answers = { user: unknown; emails: unknown; token: unknown };
const answers: Answers = { user: person, emails: addresses, token: undefined };
const seen: Readonly<{ path: string; authorization: string | undefined; userAgent: string | undefined; form: URLSearchParams }>[] = [];

let server: Server;
let url = '';

beforeAll(async () => {
  server = createServer((request, response) => {
    const { url: path = '', headers } = request;
    void request.toArray().then((chunks: Buffer[]) => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      seen.push({ path, authorization: headers.authorization, userAgent: headers['user-agent'], form });
      const json = (body: unknown, status = 200) =>
        response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
      if (path === '/login/oauth/access_token') return json(answers.token);
      if (headers.authorization !== 'Bearer gho_token') return json({ message: 'Bad credentials' }, 401);
      return json(path === '/api/v3/user' ? answers.user : answers.emails);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

beforeEach(() => {
  seen.length = 0;
  Object.assign(answers, {
    user: person,
    emails: addresses,
    token: { access_token: 'gho_token', scope: 'read:user,user:email', token_type: 'bearer' },
  });
});

const request = { redirectUri: 'https://chat.example.com/callback', state: 'a state', secret: 'a secret of the browser' };
const providers = () =>
  createIdentityProviders({
    providers: [
      {
        id: 'github',
        name: 'GitHub',
        kind: 'github',
        issuer: url,
        clientId: 'coucou',
        clientSecret: 'a secret',
        scopes: 'read:user user:email',
      },
    ],
    fetch: createOutbound({ allow: ['127.0.0.1'] }),
  });
const identify = (answer: Record<string, string> = { code: 'a-code', state: 'a state' }) => providers().identify('github', request, answer);

describe('GitHub', () => {
  it('says who somebody is, by a number that stays', async () => {
    expect(await identify()).toEqual({
      issuer: url,
      subject: '4242',
      email: 'alice@example.com',
      emailVerified: true,
      username: 'octo-alice',
      displayName: 'Alice',
    });
    const [token, ...asked] = seen;
    expect(Object.fromEntries(token?.form ?? [])).toEqual({
      grant_type: 'authorization_code',
      client_id: 'coucou',
      client_secret: 'a secret',
      code: 'a-code',
      redirect_uri: request.redirectUri,
      code_verifier: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(asked.map(({ path, authorization }) => [path, authorization])).toEqual([
      ['/api/v3/user', 'Bearer gho_token'],
      ['/api/v3/user/emails', 'Bearer gho_token'],
    ]);
    // Its API answers 403 to programs without a name.
    expect(asked.every(({ userAgent }) => (userAgent ?? '').length > 0)).toBe(true);
  });

  it('is asked with PKCE and a state', async () => {
    const asked = new URL(await providers().authorizationUrl('github', request));
    expect(asked.href.startsWith(`${url}/login/oauth/authorize?`)).toBe(true);
    expect(Object.fromEntries(asked.searchParams)).toEqual({
      response_type: 'code',
      client_id: 'coucou',
      redirect_uri: request.redirectUri,
      scope: 'read:user user:email',
      state: 'a state',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
  });

  it.each([
    ['no address', [], { email: undefined, emailVerified: false }],
    ['no list', { message: 'no' }, { email: undefined, emailVerified: false }],
    [
      'only one that is not verified',
      [{ email: 'a@example.com', primary: true, verified: false }],
      { email: 'a@example.com', emailVerified: false },
    ],
    [
      'a verified one beside a primary one that is not',
      [
        { email: 'a@example.com', primary: true, verified: false },
        { email: 'b@example.com', primary: false, verified: true },
      ],
      { email: 'b@example.com', emailVerified: true },
    ],
    [
      'one that says it is verified in another way',
      [{ email: 'a@example.com', primary: true, verified: 'true' }],
      { emailVerified: false },
    ],
    ['nonsense', [null, 5, {}, { email: 5, verified: true }], { email: undefined, emailVerified: false }],
  ])('may know %s', async (_, emails, expected) => {
    answers.emails = emails;
    expect(await identify()).toMatchObject(expected);
  });

  it.each<[string, Partial<Answers>]>([
    ['a refused code', { token: { error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' } }],
    ['a token of another kind', { token: { access_token: 'gho_token', token_type: 'mac' } }],
    ['a token that its API refuses', { token: { access_token: 'another', token_type: 'bearer' } }],
    ['nobody', { user: null }],
    ['somebody without a number', { user: { login: 'octo-alice' } }],
    ['somebody whose number is text', { user: { ...person, id: '4242' } }],
    ['somebody whose number is none', { user: { ...person, id: 1.5 } }],
  ])('is not believed when it answers %s', async (_, changed) => {
    Object.assign(answers, changed);
    await expect(identify()).rejects.toMatchObject({ code: 'OAUTH_FAILED' });
  });

  it.each([
    { code: 'a-code' },
    { code: 'a-code', state: 'another' },
    { state: 'a state' },
    { code: 'a-code', state: 'a state', iss: 'https://issuer.example' },
  ])('is not asked about the answer %j', async (answer) => {
    await expect(identify(answer)).rejects.toMatchObject({ code: 'OAUTH_FAILED' });
    expect(seen).toEqual([]);
  });
});
