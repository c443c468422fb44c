import { limits } from '@coucou/domain/kernel/limits';
import { asId, type AccountId } from '@coucou/domain/kernel/ids';
import { base64url, exportJWK } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Payload } from '../../support/event-log.ts';
import { ids } from '../../support/fixtures.ts';
import { type Caller, openTestApp, type TestApp } from '../../support/test-app.ts';
import { type SigningKey, signingKey, signToken, startTokenIssuer, type TokenIssuer } from '../../support/token-issuer.ts';
import { anonymous, refusal } from '../calls.ts';
import { answerOf, externalPeople, NOON, readingKeys } from './external-people.ts';
import { type Material, type Twisted, twisted } from './twisted-tokens.ts';

let app: TestApp;
let issuer: TokenIssuer;
let account: AccountId;
let owner: Caller;
let issuerId: string;
let key: SigningKey;
let keys: Pick<Material, 'rsa' | 'stranger' | 'short' | 'unlisted' | 'shown'>;

async function shortKey(): Promise<SigningKey> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', modulusLength: 1_024, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' };
  const { privateKey, publicKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  return { alg: 'RS256', kid: 'short', privateKey, jwk: { ...(await exportJWK(publicKey)), kid: 'short' } };
}

beforeAll(async () => {
  const [rsa, stranger, unlisted, open] = (await Promise.all(['RS256', 'ES256', 'ES384', 'EdDSA'].map(signingKey))) as [
    SigningKey,
    SigningKey,
    SigningKey,
    SigningKey,
  ];
  const shown = { ...open, jwk: { ...open.jwk, ...(await exportJWK(open.privateKey)) } };
  key = await signingKey('ES256');
  keys = { rsa, stranger, short: await shortKey(), unlisted, shown };
  app = await openTestApp({ overrides: [readingKeys()] });
  issuer = await startTokenIssuer(key, rsa, unlisted, keys.short, shown);
  account = await app.account();
  owner = await app.person('olga', account, 'owner');
  issuerId = (await register(owner))['id'];
});
afterAll(() => Promise.all([app.close(), issuer.close()]));
beforeEach(() => {
  app.time.now = NOON;
  app.settings.guesses = [];
});

const { claimsOf, tokenFor, exchange, register } = externalPeople(() => ({ app, account, issuer, key }));

/** A row of the table, made to a token. */
async function made([, make]: Twisted): Promise<string> {
  const { token: accessToken } = await app.access.issue({
    account,
    actor: { userId: asId(owner.id), sessionId: ids.next<'session'>() },
    rotation: 0,
  });
  return make({ claims: claimsOf(), key, ...keys, accessToken });
}
const titled = twisted.map((row) => [row[0], row] as const);
const invalid = (reason?: string) => ({ code: 'EXTERNAL_TOKEN_INVALID', details: reason === undefined ? {} : { reason } });

describe('a token', () => {
  it('that is right is taken, by each of the keys of the issuer', async () => {
    for (const by of [key, keys.rsa]) expect(await answerOf(exchange(await tokenFor({}, {}, by)))).toBe('in');
    // With what some issuers add.
    for (const header of [{ typ: 'JWT' }, { typ: 'jwt' }, { typ: 'application/jwt' }, { jku: issuer.jwksUrl }, { x5t: 'AAAA' }])
      expect(await answerOf(exchange(await tokenFor({}, header)))).toBe('in');
    // With clocks that differ.
    for (const claims of [{ iat: NOON.getTime() / 1_000 + 29 }, { exp: NOON.getTime() / 1_000 - 29 }, { nbf: NOON.getTime() / 1_000 + 29 }])
      expect(await answerOf(exchange(await tokenFor(claims)))).toBe('in');
  });

  it.each(titled)('is refused that has %s', async (_, row) => {
    const [, , fault, isSigned] = row;
    expect(await answerOf(exchange(await made(row)))).toEqual(invalid(isSigned === 'signed' ? fault : undefined));
  });

  it('is told to be wrong for a reason to who administers, and stays unused', async () => {
    const check = async (token: string) => (await owner.call('admin.checkIssuer', { issuerId, token })).verdict;
    for (const row of twisted) {
      expect([row[0], await check(await made(row))]).toEqual([row[0], { accepted: false, fault: row[2] }]);
    }
    const good = await tokenFor({ sub: 'checked', email: 'c@example.com', email_verified: true });
    for (let times = 0; times < 2; times += 1)
      expect(await check(good)).toMatchObject({ accepted: true, subject: 'checked', email: 'c@example.com', emailVerified: true });
    expect(await answerOf(exchange(good))).toBe('in');
  });

  it('of an issuer that nobody has registered is refused as one that is forged', async () => {
    const unknown = ['https://nobody.example', `${issuer.url}/`, issuer.url.toUpperCase(), '', 7, undefined, [issuer.url]];
    for (const iss of unknown) expect(await answerOf(exchange(await tokenFor({ iss })))).toEqual(invalid());
  });

  it('of an issuer of another account is refused, however good it is there', async () => {
    const elsewhere = await app.account();
    const olga = await app.person('olga', elsewhere, 'owner');
    const second = await startTokenIssuer(keys.stranger);
    try {
      await register(olga, { issuer: second.url, jwksUrl: second.jwksUrl });
      const theirs = await signToken(keys.stranger, claimsOf({ iss: second.url }));
      expect(await answerOf(exchange(theirs))).toEqual(invalid());
      // Under the name of the issuer here, whose keys are others.
      expect(await answerOf(exchange(await signToken(keys.stranger, claimsOf(), { kid: keys.stranger.kid })))).toEqual(invalid());
      expect((await exchange(theirs, anonymous(elsewhere))).user.accountId).toBe(elsewhere);
    } finally {
      await second.close();
    }
  });

  it('that is longer than any is not looked at', async () => {
    const long = (length: number) => app.visitor(account).call('auth.exchangeToken', { token: 'x'.repeat(length) });
    expect(await refusal(long(limits.issuers.token + 1))).toBe('VALIDATION_FAILED');
    expect(await refusal(long(limits.issuers.token))).toBe('EXTERNAL_TOKEN_INVALID');
    const claims = await tokenFor({ filler: 'x'.repeat(limits.issuers.token) });
    expect(await answerOf(exchange(claims))).toEqual(invalid());
  });
});

describe('the second use of a token', () => {
  it('is refused', async () => {
    const token = await tokenFor();
    await exchange(token);
    expect(await answerOf(exchange(token))).toEqual(invalid('used'));
  });

  it('is refused under another signature that is as good', async () => {
    const token = await tokenFor();
    await exchange(token);
    const [header, payload, signature = ''] = token.split('.');
    const bytes = Buffer.from(signature, 'base64url');
    // (r, n − s) is a signature wherever (r, s) is.
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
    const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
    const second = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
    const twin = `${header}.${payload}.${second.toString('base64url')}`;
    expect(await answerOf(exchange(twin))).toEqual(invalid('used'));
  });

  it('is refused in another spelling of the same bytes', async () => {
    const token = await tokenFor();
    await exchange(token);
    const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    // The last digit of 64 bytes has four bits that say nothing.
    const twin = token.slice(0, -1) + digits.charAt(digits.indexOf(token.slice(-1)) ^ 1);
    expect(base64url.decode(twin.split('.')[2] ?? '')).toEqual(base64url.decode(token.split('.')[2] ?? ''));
    expect(await answerOf(exchange(twin))).toMatchObject({ code: 'EXTERNAL_TOKEN_INVALID' });
  });
});

describe('wrong tokens', () => {
  it('are counted by address, and what an issuer has signed is none', async () => {
    app.settings.guesses = [{ limit: 3, windowSeconds: 900 }];
    const from = (ip: string) => ({ ...anonymous(account), client: { ip, userAgent: 'a test' } });
    const codes = async (count: number, token: () => Promise<string>, ip: string) => {
      const answers: unknown[] = [];
      for (let at = 0; at < count; at += 1) answers.push(((await answerOf(exchange(await token(), from(ip)))) as Payload).code ?? 'in');
      return answers;
    };
    const forged = () => signToken(keys.stranger, claimsOf(), { kid: key.kid });
    expect(await codes(4, forged, '198.51.100.1')).toEqual([
      'EXTERNAL_TOKEN_INVALID',
      'EXTERNAL_TOKEN_INVALID',
      'EXTERNAL_TOKEN_INVALID',
      'RATE_LIMITED',
    ]);
    expect(await codes(1, tokenFor, '198.51.100.1')).toEqual(['RATE_LIMITED']);
    expect(await codes(1, tokenFor, '198.51.100.2')).toEqual(['in']);
    const old = () => tokenFor({ iat: 1, exp: 2 });
    expect(new Set(await codes(6, old, '198.51.100.2'))).toEqual(new Set(['EXTERNAL_TOKEN_INVALID']));
    expect(await codes(5, tokenFor, '198.51.100.2')).toEqual(Array.from({ length: 5 }, () => 'in'));
  });
});
