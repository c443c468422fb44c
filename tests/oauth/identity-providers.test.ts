import { createOutbound } from '@coucou/outbound/outbound';
import { createIdentityProviders } from '@coucou/security/identity-providers/identity-providers';
import { generateKeyPair, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBrowser } from '../support/browser.ts';
import { type Issuer, startIssuer } from '../support/issuer.ts';

let issuer: Issuer;
let stranger: Issuer;

const alice = { sub: 'alice', email: 'alice@example.com', email_verified: true, name: 'Alice', preferred_username: 'alice' };

beforeAll(async () => {
  [issuer, stranger] = await Promise.all([startIssuer(), startIssuer()]);
});

afterAll(async () => {
  await Promise.all([issuer.close(), stranger.close()]);
});

beforeEach(() => {
  for (const each of [issuer, stranger]) {
    each.person.now = alice;
    each.twist.now = undefined;
    each.answer.now = undefined;
  }
});

const outbound = createOutbound({ allow: ['127.0.0.1'] });
const optionsOf = (id: string, { url, clientId, clientSecret }: Issuer) => ({
  id,
  name: id,
  kind: 'oidc' as const,
  issuer: url,
  clientId,
  clientSecret,
  scopes: 'openid email profile',
});
const providers = () => createIdentityProviders({ providers: [optionsOf('one', issuer), optionsOf('two', stranger)], fetch: outbound });

const request = { redirectUri: 'http://127.0.0.1:9/callback', state: 'a state', secret: 'a secret of the browser' };

/** Asks the issuer in a browser: the parameters that it sends to the callback. */
async function ask(from = providers(), id = 'one', asked = request): Promise<Record<string, string>> {
  const { url } = await createBrowser().open(await from.authorizationUrl(id, asked), ({ pathname }) => pathname === '/callback');
  return Object.fromEntries(url.searchParams);
}

const without = (claims: object, name: string) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));

const failed = expect.objectContaining({ code: 'OAUTH_FAILED' });

describe('an identity provider', () => {
  it('says who somebody is', async () => {
    const port = providers();
    expect(await port.identify('one', request, await ask(port))).toEqual({
      issuer: issuer.url,
      subject: 'alice',
      email: 'alice@example.com',
      emailVerified: true,
      username: 'alice',
      displayName: 'Alice',
    });
  });

  it.each([
    [{ email_verified: false }, { emailVerified: false }],
    [{ email_verified: 'true' }, { emailVerified: true }],
    [{ email_verified: 'yes' }, { emailVerified: false }],
    [{ email_verified: 1 }, { emailVerified: false }],
    [{ email_verified: undefined }, { emailVerified: false }],
    [{ name: 'A\u0000lice' }, { displayName: undefined }],
    [{ name: 'Alice\r\nBcc: everybody' }, { displayName: undefined }],
    [{ preferred_username: 'x'.repeat(300) }, { username: undefined }],
    [{ email: undefined }, { email: undefined }],
  ])('is believed as far as it says so: %j', async (claims, expected) => {
    issuer.person.now = { ...alice, ...(claims as object) };
    const port = providers();
    expect(await port.identify('one', request, await ask(port))).toMatchObject(expected);
  });

  it('asks with PKCE, state and nonce, of which the secret part is in no URL', async () => {
    const url = new URL(await providers().authorizationUrl('one', request));
    expect(url.origin).toBe(issuer.url);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'coucou',
      redirect_uri: request.redirectUri,
      scope: 'openid email profile',
      state: 'a state',
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
    });
    expect(url.href).not.toContain('a+secret');
  });

  it('is refused when the person refuses', async () => {
    issuer.person.now = undefined;
    const port = providers();
    await expect(port.identify('one', request, await ask(port))).rejects.toMatchObject({
      code: 'OAUTH_FAILED',
      details: { provider: 'one', reason: 'access_denied' },
    });
  });

  it.each<[string, Partial<typeof request>]>([
    ['another state', { state: 'another state' }],
    ["another browser's secret", { secret: 'another secret' }],
    ['another callback', { redirectUri: 'http://127.0.0.1:9/other/callback' }],
  ])('gives nothing to a request with %s', async (_, other) => {
    const port = providers();
    await expect(port.identify('one', { ...request, ...other }, await ask(port))).rejects.toEqual(failed);
  });

  it.each<[string, (query: URLSearchParams) => void]>([
    ['no state', (query) => query.delete('state')],
    ['no code', (query) => query.delete('code')],
    ['another code', (query) => query.set('code', 'another')],
    ['an empty code', (query) => query.set('code', '')],
    ['another issuer', (query) => query.set('iss', 'https://issuer.example')],
    ['no issuer, where the provider names itself', (query) => query.delete('iss')],
    ['an error beside the code', (query) => query.set('error', 'server_error')],
    ['a token for the browser beside the code', (query) => query.set('id_token', 'a.b.c')],
  ])('is not believed when its answer has %s', async (_, change) => {
    issuer.answer.now = change;
    const port = providers();
    await expect(port.identify('one', request, await ask(port))).rejects.toEqual(failed);
  });

  it('repeats no text of an answer that anybody can write', async () => {
    const answer = { state: 'a state', iss: issuer.url, error: '<script>', error_description: '<script>' };
    await expect(providers().identify('one', request, answer)).rejects.toMatchObject({
      code: 'OAUTH_FAILED',
      details: { provider: 'one', reason: 'refused' },
    });
  });

  it("redeems no code of another provider's (mix-up), and tells the other nothing", async () => {
    const port = providers();
    const answer = await ask(port, 'two');
    issuer.asked.length = 0;
    await expect(port.identify('one', request, answer)).rejects.toEqual(failed);
    expect(issuer.asked).not.toContain('/token');
  });

  it('redeems a code once', async () => {
    const port = providers();
    const answer = await ask(port);
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => port.identify('one', request, answer)));
    expect(tries.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    await expect(port.identify('one', request, answer)).rejects.toEqual(failed);
  });

  it.each<[string, NonNullable<Issuer['twist']['now']>]>([
    ['of another audience', (claims, sign) => sign({ ...claims, aud: 'somebody-else' })],
    [
      'of several audiences without the party it is for',
      (claims, sign) => sign({ ...claims, aud: ['coucou', 'somebody-else'], azp: 'somebody-else' }),
    ],
    ['of another issuer', (claims, sign) => sign({ ...claims, iss: stranger.url })],
    ['of no issuer', (claims, sign) => sign(without(claims, 'iss'))],
    ['with another nonce', (claims, sign) => sign({ ...claims, nonce: 'another' })],
    ['without a nonce', (claims, sign) => sign(without(claims, 'nonce'))],
    ['that has expired', (claims, sign) => sign({ ...claims, iat: 1_600_000_000, exp: 1_600_000_600 })],
    ['that never expires', (claims, sign) => sign(without(claims, 'exp'))],
    ['that was not issued at a time', (claims, sign) => sign(without(claims, 'iat'))],
    ['that is not valid yet', (claims, sign) => sign({ ...claims, nbf: 4_000_000_000 })],
    ['without a subject', (claims, sign) => sign(without(claims, 'sub'))],
    ['with an empty subject', (claims, sign) => sign({ ...claims, sub: '' })],
    ['with a number as subject', (claims, sign) => sign({ ...claims, sub: 5 as never })],
    ['with a subject that is too long', (claims, sign) => sign({ ...claims, sub: 'x'.repeat(256), email: 'a@example.com' })],
    ['without a signature (alg none)', (claims) => new UnsecuredJWT(claims).encode()],
    ['with half a signature', async (claims, sign) => (await sign(claims)).slice(0, -100)],
    ['signed by another key', async (claims, sign) => sign(claims, { key: (await generateKeyPair('RS256')).privateKey })],
    [
      'signed by a key that nobody published',
      async (claims, sign) => sign(claims, { key: (await generateKeyPair('RS256')).privateKey, kid: 'other' }),
    ],
    [
      'signed with the client secret (HS256)',
      (claims, sign) => sign(claims, { key: new TextEncoder().encode(issuer.clientSecret.padEnd(32)) as never, alg: 'HS256' }),
    ],
    [
      'signed by an algorithm that it does not announce',
      async (claims, sign) => sign(claims, { key: (await generateKeyPair('RS512')).privateKey, alg: 'RS512' }),
    ],
    [
      'changed after it was signed',
      async (claims, sign) => {
        const [header, , signature] = (await sign(claims)).split('.');
        return [header, Buffer.from(JSON.stringify({ ...claims, sub: 'bob' })).toString('base64url'), signature].join('.');
      },
    ],
    ['that is none', () => 'not a token'],
    ['that is empty', () => ''],
  ])('is not believed by an ID token %s', async (_, twist) => {
    const port = providers();
    const answer = await ask(port);
    issuer.twist.now = twist;
    await expect(port.identify('one', request, answer)).rejects.toEqual(failed);
  });

  it('is not believed when its profile is somebody else', async () => {
    const port = providers();
    const answer = await ask(port);
    // The ID token says bob; what the issuer keeps under the access token says alice.
    issuer.twist.now = (claims, sign) => sign({ ...claims, sub: 'bob' });
    await expect(port.identify('one', request, answer)).rejects.toEqual(failed);
  });

  it('is not asked at an address that is not public, unless the operator allows it', async () => {
    const port = createIdentityProviders({ providers: [optionsOf('one', issuer)], fetch: createOutbound({ allow: [] }) });
    issuer.asked.length = 0;
    await expect(port.authorizationUrl('one', request)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(issuer.asked).toEqual([]);
  });

  it('is asked again after it was away', async () => {
    let isAway = true;
    const port = createIdentityProviders({
      providers: [optionsOf('one', issuer)],
      fetch: (url, options) => (isAway ? outbound('http://127.0.0.1:1/') : outbound(url, options)),
    });
    await expect(port.authorizationUrl('one', request)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    isAway = false;
    const answer = await ask(port);
    isAway = true;
    await expect(port.identify('one', request, answer)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });

  it('is the one that its metadata names', async () => {
    const { port } = new URL(issuer.url);
    const [options] = [optionsOf('one', { ...issuer, url: `http://localhost:${port}` })];
    const other = createIdentityProviders({ providers: [options], fetch: createOutbound({ allow: ['localhost'] }) });
    await expect(other.authorizationUrl('one', request)).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  });

  it('is known', async () => {
    await expect(providers().authorizationUrl('three', request)).rejects.toMatchObject({ code: 'OAUTH_PROVIDER_UNKNOWN' });
    await expect(providers().identify('three', request, {})).rejects.toMatchObject({ code: 'OAUTH_PROVIDER_UNKNOWN' });
  });
});
