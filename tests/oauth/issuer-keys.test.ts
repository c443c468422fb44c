import { asId } from '@coucou/domain/kernel/ids';
import { createAllowList } from '@coucou/outbound/allow-list';
import { createOutbound } from '@coucou/outbound/outbound';
import { createExternalTokens } from '@coucou/security/external-tokens/external-tokens';
import { createKeySets } from '@coucou/security/external-tokens/key-sets';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SigningKey, signingKey, startTokenIssuer, signToken, type TokenIssuer } from '../support/token-issuer.ts';

/** How the keys of an issuer are read, kept and read again, over real HTTP, by a clock of the test. */

const ALLOWED = ['127.0.0.1'];
const maxBytes = 65_536;
const TOO_LONG = 'x'.repeat(70_000);

let first: SigningKey;
let issuer: TokenIssuer;
let ms: number;
/** Short where an answer never comes. */
let timeoutMs: number;
beforeEach(async () => {
  first = await signingKey('EdDSA');
  issuer = await startTokenIssuer(first);
  ms = 0;
  timeoutMs = 30_000;
});
afterEach(() => issuer.close());

const tokensBy = (allow: readonly string[] = ALLOWED) =>
  createExternalTokens({
    fetch: (url, request) => createOutbound({ allow, maxBytes, timeoutMs })(url, request),
    isAllowed: createAllowList(allow),
    keySets: ({ fetch }) => createKeySets({ fetch, now: () => ms }),
  });
const at = new Date();
const issuerOf = (more: { jwksUrl?: string | undefined; accountId?: string } = {}) => ({
  id: asId<'issuer'>('an issuer'),
  issuer: issuer.url,
  jwksUrl: 'jwksUrl' in more ? more.jwksUrl : issuer.jwksUrl,
  accountId: asId<'account'>(more.accountId ?? 'an account'),
  audiences: ['chat'],
  algorithms: ['EdDSA', 'RS256'] as const,
  claims: {},
  signUp: true,
  maxTokenSeconds: 3_600,
  rank: 'owner' as const,
  version: 1,
  createdAt: at,
  updatedAt: at,
});

const tokenBy = (key: SigningKey, header: object = {}) => {
  const seconds = Math.floor(at.getTime() / 1_000);
  return signToken(key, { iss: issuer.url, aud: 'chat', sub: 'alice', iat: seconds, exp: seconds + 60 }, { ...header });
};
type Tokens = ReturnType<typeof tokensBy>;
const outcome = async (tokens: Tokens, key: SigningKey, of = issuerOf()): Promise<string> => {
  try {
    const verdict = await tokens.verify(await tokenBy(key), of, at);
    return 'verified' in verdict ? 'verified' : verdict.fault;
  } catch (error) {
    return String((error as { code?: string }).code ?? error);
  }
};
const reasonOf = (tokens: Tokens, of = issuerOf()) =>
  tokens.readKeys(of).then(
    () => 'read',
    ({ code, details }) => [code, (details as { reason?: string }).reason],
  );

describe('the keys of an issuer', () => {
  it('are read once for many tokens, also of those that come at once', async () => {
    const tokens = tokensBy();
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => outcome(tokens, first)));
    expect([new Set(outcomes), issuer.asked]).toEqual([new Set(['verified']), ['/jwks.json']]);
  });

  it('are read again when they are old, so that one that was withdrawn signs nothing any more', async () => {
    const tokens = tokensBy();
    expect(await outcome(tokens, first)).toBe('verified');
    issuer.published.splice(0, 1, await signingKey('EdDSA'));
    ms += 599_999;
    expect(await outcome(tokens, first)).toBe('verified');
    ms += 1;
    expect(await outcome(tokens, first)).toBe('kid');
  });

  it('are read again for one that is new, once in a while, however many tokens ask for it', async () => {
    const tokens = tokensBy();
    expect(await outcome(tokens, first)).toBe('verified');
    const second = await signingKey('RS256');
    ms += 30_000;
    issuer.published.push(second);
    expect(await outcome(tokens, second)).toBe('verified');
    expect(issuer.asked).toHaveLength(2);
    const stranger = await signingKey('EdDSA');
    ms += 29_999;
    expect(await Promise.all(Array.from({ length: 50 }, () => outcome(tokens, stranger)))).toEqual(Array.from({ length: 50 }, () => 'kid'));
    expect(issuer.asked).toHaveLength(2);
    ms += 1;
    await Promise.all(Array.from({ length: 50 }, () => outcome(tokens, stranger)));
    expect(issuer.asked).toHaveLength(3);
    // Strangers that send unknown keys all the time keep nobody out.
    expect(await outcome(tokens, first)).toBe('verified');
  });

  it('serve on for a while when the issuer is away, and then no more', async () => {
    const tokens = tokensBy();
    await outcome(tokens, first);
    issuer.answer.now = (_, response) => response.writeHead(500).end();
    ms += 3_599_999;
    expect(await outcome(tokens, first)).toBe('verified');
    // Whether the issuer has a key that is not among them cannot be told; the token may be good later.
    expect(await outcome(tokens, await signingKey('EdDSA'))).toBe('ISSUER_UNAVAILABLE');
    ms += 1;
    expect(await outcome(tokens, first)).toBe('ISSUER_UNAVAILABLE');
    issuer.answer.now = undefined;
    // After a failure it is left in peace for a moment.
    expect(await outcome(tokens, first)).toBe('ISSUER_UNAVAILABLE');
    ms += 5_000;
    expect(await outcome(tokens, first)).toBe('verified');
  });

  it('are each account’s own: what one does at an address changes nothing for another', async () => {
    const tokens = tokensBy();
    await outcome(tokens, first);
    await outcome(tokens, await signingKey('EdDSA'), issuerOf({ accountId: 'another account' }));
    const second = await signingKey('EdDSA');
    issuer.published.push(second);
    ms += 30_000;
    expect(await outcome(tokens, second)).toBe('verified');
    expect(issuer.asked).toHaveLength(3);
  });

  it('are what is found by one kid alone, or without a kid where there is but one', async () => {
    const tokens = tokensBy();
    const verdictOf = async (token: string) => {
      const verdict = await tokens.verify(token, issuerOf(), at);
      return 'verified' in verdict ? 'verified' : verdict.fault;
    };
    expect(await verdictOf(await tokenBy(first, { kid: undefined }))).toBe('verified');
    issuer.published.push(await signingKey('EdDSA'));
    ms += 600_000;
    expect(await verdictOf(await tokenBy(first, { kid: undefined }))).toBe('kid');
    expect(await verdictOf(await tokenBy(first))).toBe('verified');
  });
});

const json =
  (body: unknown, status = 200) =>
  (_: string, response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(typeof body === 'string' ? body : JSON.stringify(body));

describe('an issuer whose keys cannot be read', () => {
  it.each<[string, (path: string, response: ServerResponse) => void, string]>([
    ['that never answers', () => {}, 'timeout'],
    ['that begins and never ends', (_, response) => void response.writeHead(200).write('{"keys":['), 'timeout'],
    ['that hangs up', (_, response) => void response.destroy(), 'unreachable'],
    ['that says too much', (_, response) => void response.writeHead(200).end(TOO_LONG), 'too_large'],
    [
      'that says too much bit by bit',
      (_, response) => {
        response.writeHead(200, { 'transfer-encoding': 'chunked' });
        for (let part = 0; part < 70; part += 1) response.write(TOO_LONG.slice(0, 1_000));
        response.end();
      },
      'too_large',
    ],
    ['that packs it', (_, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'), 'not_http'],
    ['that leads elsewhere', (_, response) => void response.writeHead(302, { location: 'https://evil.example/keys' }).end(), 'status'],
    ['that has an error', json({ keys: [] }, 500), 'status'],
    ['that shows a page', json('<html>'), 'form'],
    ['that says null', json('null'), 'form'],
    ['whose keys are none', json({ keys: 'none' }), 'form'],
    ['with more keys than any', json({ keys: Array.from({ length: 101 }, () => ({ kty: 'EC' })) }), 'too_many_keys'],
  ])('%s, is bounded and told', async (_, answer, reason) => {
    const tokens = tokensBy();
    issuer.answer.now = answer;
    if (reason === 'timeout') timeoutMs = 100;
    expect(await reasonOf(tokens)).toEqual(['ISSUER_UNAVAILABLE', reason]);
    // Nothing of it is told to strangers.
    await expect(tokens.verify(await tokenBy(first), issuerOf(), at)).rejects.toMatchObject({
      kind: 'unavailable',
      details: { retryAfterSeconds: 5 },
    });
    issuer.answer.now = undefined;
    timeoutMs = 30_000;
    ms += 5_000;
    expect(await outcome(tokens, first)).toBe('verified');
  });

  it.each<[string, () => Parameters<typeof issuerOf>[0], readonly string[] | undefined]>([
    ['is inside the network', () => ({}), []],
    ['is inside the network by its name', () => ({ jwksUrl: 'https://localhost/jwks.json' }), undefined],
    ['is the metadata of a cloud', () => ({ jwksUrl: 'https://169.254.169.254/latest' }), undefined],
    ['comes without TLS', () => ({ jwksUrl: 'http://example.com/jwks.json' }), undefined],
    ['has a password in it', () => ({ jwksUrl: 'https://a:b@example.com/jwks.json' }), undefined],
  ])('because the address %s, is never asked', async (_, of, allow) => {
    expect(await reasonOf(tokensBy(allow), issuerOf(of()))).toEqual(['ISSUER_UNAVAILABLE', 'refused']);
    expect(issuer.asked).toEqual([]);
  });

  it.each<[string, (url: string) => object]>([
    ['another issuer', (url) => ({ issuer: 'https://accounts.example.com', jwks_uri: `${url}/jwks.json` })],
    ['the issuer with a slash', (url) => ({ issuer: `${url}/`, jwks_uri: `${url}/jwks.json` })],
    ['no keys', (url) => ({ issuer: url })],
    ['keys of another kind', (url) => ({ issuer: url, jwks_uri: [`${url}/jwks.json`] })],
  ])('is one whose metadata names %s', async (_, metadata) => {
    issuer.answer.now = json(metadata(issuer.url));
    expect(await reasonOf(tokensBy(), issuerOf({ jwksUrl: undefined }))).toEqual(['ISSUER_UNAVAILABLE', 'metadata']);
  });

  it('is one whose metadata names keys inside the network', async () => {
    issuer.answer.now = json({ issuer: issuer.url, jwks_uri: 'http://10.0.0.1/jwks.json' });
    expect(await reasonOf(tokensBy(), issuerOf({ jwksUrl: undefined }))).toEqual(['ISSUER_UNAVAILABLE', 'refused']);
  });
});

describe('keys that are not used', () => {
  it.each<[string, (key: SigningKey) => object]>([
    ['shared secrets', ({ kid }) => ({ kty: 'oct', k: 'c2VjcmV0', kid })],
    ['keys for encryption', ({ jwk }) => ({ ...jwk, use: 'enc' })],
    ['keys of another algorithm', ({ jwk }) => ({ ...jwk, alg: 'RS256' })],
    ['keys that are broken', ({ jwk }) => ({ ...jwk, x: 'AAAA' })],
    ['what is no key', () => ['a key'] as object],
  ])('are %s', async (_, twist) => {
    issuer.answer.now = json({ keys: [null, 'a key', twist(first)] });
    expect(await outcome(tokensBy(), first)).toBe('kid');
  });

  it('are those of RSA that take long to verify with', async () => {
    const rsa = await signingKey('RS256');
    for (const twist of [{ n: 'A'.repeat(5_000) }, { e: 'A'.repeat(300) }]) {
      issuer.answer.now = json({ keys: [{ ...rsa.jwk, ...twist }] });
      const tokens = tokensBy();
      expect(await outcome(tokens, rsa)).toBe('kid');
      expect(await tokens.readKeys(issuerOf())).toEqual([]);
      ms += 600_000;
    }
  });
});
