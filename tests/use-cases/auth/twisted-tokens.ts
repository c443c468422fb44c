import { createPublicKey, type webcrypto } from 'node:crypto';
import { base64url, CompactSign, EncryptJWT, exportSPKI, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { type SigningKey, signToken } from '../../support/token-issuer.ts';
import type { TokenFault } from '@coucou/application/ports/external-tokens';
import { type Claims, NOON } from './external-people.ts';

/** What a twisted token is made of: the claims of a good one, the issuer's own keys, one of somebody else, and tokens of this server. */
export type Material = Readonly<{
  claims: Claims;
  key: SigningKey;
  rsa: SigningKey;
  stranger: SigningKey;
  /** Published by the issuer as well, and not to be used: too short, of no allowed algorithm, shown with its private part. */
  short: SigningKey;
  unlisted: SigningKey;
  shown: SigningKey;
  accessToken: string;
}>;

/** `fault`: what is told to who administers, and of a token that the issuer has signed to everybody. */
export type Twisted = readonly [
  what: string,
  make: (material: Material) => Promise<string> | string,
  fault: TokenFault,
  isSigned?: 'signed',
];

const seconds = NOON.getTime() / 1_000;
const encode = (part: object | string): string => base64url.encode(typeof part === 'string' ? part : JSON.stringify(part));

/** Signed by the issuer, with other claims. */
const says = (what: string, claims: Claims, fault: TokenFault): Twisted => [
  what,
  ({ claims: good, key }) => signToken(key, { ...good, ...claims }),
  fault,
  'signed',
];

/** Signed by the issuer, under another header. */
const heads = (what: string, header: Claims): Twisted => [what, ({ claims, key }) => signToken(key, claims, header), 'typ'];

const hmac = async ({ claims, rsa }: Material, secret: (key: webcrypto.CryptoKey) => Promise<Uint8Array>): Promise<string> => {
  const publicKey = (await importJWK({ ...rsa.jwk, ext: true }, 'RS256', { extractable: true })) as webcrypto.CryptoKey;
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: rsa.kid }).sign(await secret(publicKey));
};

/** A payload that no library would write. */
const raw = ({ key }: Material, payload: string): Promise<string> =>
  new CompactSign(new TextEncoder().encode(payload)).setProtectedHeader({ alg: key.alg, kid: key.kid }).sign(key.privateKey);

export const twisted: readonly Twisted[] = [
  ['no signature at all (alg none)', ({ claims }) => new UnsecuredJWT(claims).encode(), 'alg'],
  [
    'no signature, under the name of one',
    async ({ claims, key }) => `${(await signToken(key, claims)).split('.').slice(0, 2).join('.')}.`,
    'signature',
  ],
  [
    'the public key as a shared secret (PEM)',
    (given) => hmac(given, async (key) => new TextEncoder().encode(await exportSPKI(key))),
    'alg',
  ],
  [
    'the public key as a shared secret (DER)',
    (given) => hmac(given, async () => createPublicKey({ key: given.rsa.jwk, format: 'jwk' }).export({ type: 'spki', format: 'der' })),
    'alg',
  ],
  ['a key of somebody else', ({ claims, stranger }) => signToken(stranger, claims), 'kid'],
  [
    'a key of somebody else, called as one of the issuer',
    ({ claims, key, stranger }) => signToken(stranger, claims, { kid: key.kid }),
    'signature',
  ],
  ['a key that comes along (jwk)', ({ claims, stranger }) => signToken(stranger, claims, { jwk: stranger.jwk }), 'kid'],
  [
    'the same under a name of the issuer',
    ({ claims, key, stranger }) => signToken(stranger, claims, { kid: key.kid, jwk: stranger.jwk }),
    'signature',
  ],
  ['the address of keys (jku)', ({ claims, stranger }) => signToken(stranger, claims, { jku: 'https://evil.example/jwks.json' }), 'kid'],
  [
    'the address of a certificate (x5u)',
    ({ claims, stranger }) => signToken(stranger, claims, { x5u: 'https://evil.example/a.pem' }),
    'kid',
  ],
  ['a certificate (x5c)', ({ claims, stranger }) => signToken(stranger, claims, { x5c: ['AAAA'] }), 'kid'],
  ['a key that the issuer shows with its private part', ({ claims, shown }) => signToken(shown, claims), 'kid'],
  ['a key that is too short', ({ claims, short }) => rsaByHand(claims, short), 'kid'],
  ['an algorithm that the account does not allow', ({ claims, unlisted }) => signToken(unlisted, claims), 'alg'],
  ['a kid of another kind', ({ claims, key }) => forged(key, claims, { alg: key.alg, kid: 7 }), 'kid'],
  ['ES256 by a key of it, called RS256', ({ claims, key }) => forged(key, claims, { alg: 'RS256', kid: key.kid }), 'kid'],
  [
    'ES256 by a key of it, called RS256 under the name of an RSA key',
    ({ claims, key, rsa }) => forged(key, claims, { alg: 'RS256', kid: rsa.kid }),
    'signature',
  ],
  ['an algorithm in small letters', ({ claims, key }) => forged(key, claims, { alg: 'es256', kid: key.kid }), 'alg'],
  ['no algorithm', ({ claims, key }) => forged(key, claims, { kid: key.kid }), 'form'],
  [
    'something critical that nobody knows',
    ({ claims, key }) => forged(key, claims, { alg: key.alg, kid: key.kid, crit: ['exp'], exp: 1 }),
    'crit',
  ],
  [
    'something critical that the library knows',
    ({ claims, key }) => forged(key, claims, { alg: key.alg, kid: key.kid, crit: ['b64'], b64: true }),
    'crit',
  ],
  heads('the type of an access token', { typ: 'at+jwt' }),
  heads('the same as a media type', { typ: 'application/at+jwt' }),
  heads('the type of a logout token', { typ: 'logout+jwt' }),
  heads('the type of a security event', { typ: 'secevent+jwt' }),
  heads('the type of a proof', { typ: 'dpop+jwt' }),
  ['an access token of this server', ({ accessToken }) => accessToken, 'typ'],
  [
    'the claims of another token',
    async ({ claims, key }) => swapped(await signToken(key, claims), { ...claims, sub: 'admin' }),
    'signature',
  ],
  ['no JWT', () => 'nonsense', 'form'],
  ['three parts of nothing', () => '..', 'form'],
  ['three parts of something', () => 'a.b.c', 'form'],
  ['a header that is no object', ({ claims }) => `${encode('7')}.${encode({ ...claims })}.AAAA`, 'form'],
  ['claims that are a list', (given) => raw(given, JSON.stringify([given.claims])), 'form'],
  ['claims that are no JSON', (given) => raw(given, `${JSON.stringify(given.claims)},`), 'form'],
  ['claims in another encoding', (given) => raw(given, JSON.stringify(given.claims)).then((token) => `${token}=`), 'form'],
  ['blanks around it', async ({ claims, key }) => ` ${await signToken(key, claims)}\n`, 'signature'],
  [
    'an encrypted token',
    ({ claims }) => new EncryptJWT(claims).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(new Uint8Array(32)),
    'form',
  ],
  says('an audience that is another', { aud: 'https://other.example' }, 'aud'),
  says('an audience that begins alike', { aud: 'https://chat.example.com.evil.example' }, 'aud'),
  says('no audience', { aud: undefined }, 'aud'),
  says('an audience of another kind', { aud: { 0: 'https://chat.example.com' } }, 'aud'),
  says('an end that has come', { iat: seconds - 300, exp: seconds - 31 }, 'exp'),
  says('no end', { exp: undefined }, 'exp'),
  says('an end in words', { exp: '2030-01-01' }, 'exp'),
  says('a beginning in the future', { nbf: seconds + 31 }, 'nbf'),
  says('a beginning in words', { nbf: 'now' }, 'nbf'),
  says('no time', { iat: undefined }, 'iat'),
  says('a time in the future', { iat: seconds + 31 }, 'iat'),
  says('a time long ago', { iat: seconds - 3_700 }, 'iat'),
  says('too long a life', { iat: seconds, exp: seconds + 3_601 }, 'lifetime'),
  [
    'a life without end',
    (given) => raw(given, JSON.stringify({ ...given.claims, exp: 0 }).replace('"exp":0', '"exp":1e400')),
    'lifetime',
    'signed',
  ],
  says('nobody', { sub: undefined }, 'sub'),
  says('an empty subject', { sub: '' }, 'sub'),
  says('a subject without end', { sub: 'x'.repeat(256) }, 'sub'),
  says('a number for a subject', { sub: 7 }, 'sub'),
  says('a list of subjects', { sub: ['alice'] }, 'sub'),
  says('a subject that no database stores', { sub: 'alice\u0000' }, 'sub'),
  says('half a character for a subject', { sub: 'alice\ud800' }, 'sub'),
  says('a key that it is bound to', { cnf: { jkt: 'x'.repeat(43) } }, 'cnf'),
  says('that somebody has left', { events: { 'http://schemas.openid.net/event/backchannel-logout': {} } }, 'events'),
];

/** Signed by hand, under any header. */
async function forged({ privateKey }: SigningKey, claims: Claims, header: Claims): Promise<string> {
  const content = `${encode(header)}.${encode({ ...claims })}`;
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, new TextEncoder().encode(content));
  return `${content}.${base64url.encode(new Uint8Array(signature))}`;
}

/** The library signs with no key as short. */
async function rsaByHand(claims: Claims, { kid, privateKey }: SigningKey): Promise<string> {
  const content = `${encode({ alg: 'RS256', kid })}.${encode({ ...claims })}`;
  const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', privateKey, new TextEncoder().encode(content));
  return `${content}.${base64url.encode(new Uint8Array(signature))}`;
}

const swapped = (token: string, claims: Claims): string => {
  const [header, , signature] = token.split('.');
  return [header, encode({ ...claims }), signature].join('.');
};
