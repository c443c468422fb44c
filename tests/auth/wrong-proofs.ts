import { here, ME, PUBLIC_URL } from './bound.ts';
import { type Device, newDevice, type ProofChange } from './device.ts';

export type Wrong = readonly [what: string, change: (device: Device) => ProofChange | Promise<ProofChange>, code: string, reason?: string];

export const SIGNATURE = 'it is no dpop+jwt that the key in its header signed with ES256 or EdDSA';
const secret = new TextEncoder().encode('a secret that is shared: 32 bytes or more');
export const wrong: readonly Wrong[] = [
  ['another type', () => ({ header: { typ: 'JWT' } }), 'DPOP_PROOF_INVALID', SIGNATURE],
  ['no type', () => ({ header: { typ: undefined } }), 'DPOP_PROOF_INVALID', SIGNATURE],
  ['no key', () => ({ header: { jwk: undefined } }), 'DPOP_PROOF_INVALID', SIGNATURE],
  ['a key that is none', () => ({ header: { jwk: 'key' } }), 'DPOP_PROOF_INVALID', SIGNATURE],
  ['a key off its curve', ({ jwk }) => ({ header: { jwk: { ...jwk, x: jwk.y } } }), 'DPOP_PROOF_INVALID', SIGNATURE],
  ['a key that did not sign', async () => ({ header: { jwk: (await newDevice()).jwk } }), 'DPOP_PROOF_INVALID', SIGNATURE],
  ['a private key', ({ jwk }) => ({ header: { jwk: { ...jwk, d: jwk.x } } }), 'DPOP_PROOF_INVALID', SIGNATURE],
  [
    'a shared secret',
    () => ({ header: { alg: 'HS256', jwk: { kty: 'oct', k: 'c2VjcmV0' } }, signWith: secret }),
    'DPOP_PROOF_INVALID',
    SIGNATURE,
  ],
  ['no id', () => ({ payload: { jti: undefined } }), 'DPOP_PROOF_INVALID', 'jti'],
  ['an empty id', () => ({ payload: { jti: '' } }), 'DPOP_PROOF_INVALID', 'jti'],
  ['an id without end', () => ({ payload: { jti: 'x'.repeat(300) } }), 'DPOP_PROOF_INVALID', 'jti'],
  ['no time', () => ({ payload: { iat: undefined } }), 'DPOP_PROOF_INVALID', 'iat'],
  ['another method', () => ({ payload: { htm: 'DELETE' } }), 'DPOP_PROOF_INVALID', 'htm'],
  ['the method in small letters', () => ({ payload: { htm: 'get' } }), 'DPOP_PROOF_INVALID', 'htm'],
  ['no method', () => ({ payload: { htm: undefined } }), 'DPOP_PROOF_INVALID', 'htm'],
  ['no address', () => ({ payload: { htu: undefined } }), 'DPOP_PROOF_INVALID', 'htu'],
  ['another host', () => ({ payload: { htu: 'https://evil.example/team/api/v1/auth/me' } }), 'DPOP_PROOF_INVALID', 'htu'],
  ['another scheme', () => ({ payload: { htu: `${PUBLIC_URL.replace('https', 'http')}${ME}` } }), 'DPOP_PROOF_INVALID', 'htu'],
  ['another port', () => ({ payload: { htu: `https://chat.example.com:8443/team${ME}` } }), 'DPOP_PROOF_INVALID', 'htu'],
  ['another path', () => ({ payload: { htu: `${PUBLIC_URL}/api/v1/auth/sessions` } }), 'DPOP_PROOF_INVALID', 'htu'],
  ['the address behind the proxy', () => ({ payload: { htu: `${here.url}${ME}` } }), 'DPOP_PROOF_INVALID', 'htu'],
  ['an address with a password', () => ({ payload: { htu: `https://a:b@chat.example.com/team${ME}` } }), 'DPOP_PROOF_INVALID', 'htu'],
  ['no nonce', () => ({ payload: { nonce: undefined } }), 'DPOP_NONCE_REQUIRED'],
  ['a nonce of its own', () => ({ payload: { nonce: 'x'.repeat(60) } }), 'DPOP_NONCE_REQUIRED'],
  ['a nonce that is none', () => ({ payload: { nonce: 5 } }), 'DPOP_NONCE_REQUIRED'],
];

export const titled = (rows: readonly Wrong[]) => rows.map((row) => [row[0], row] as const);

/** The same for all: what a bound token is refused without. */
export const wrongWithToken: readonly Wrong[] = [
  ...wrong,
  ['no hash of the token', () => ({ payload: { ath: undefined } }), 'DPOP_PROOF_INVALID', 'ath'],
  ['the hash of another token', () => ({ payload: { ath: 'x'.repeat(43) } }), 'DPOP_PROOF_INVALID', 'ath'],
  ['the token instead of its hash', () => ({ payload: { ath: 5 } }), 'DPOP_PROOF_INVALID', 'ath'],
];

/** A proof that is right but for the change, made against the address of the table where that says one. */
export async function changed(device: Device, target: { method: string; url: string; token?: string }, [, change]: Wrong): Promise<string> {
  const { payload = {}, ...rest } = await change(device);
  const { htm, htu } = payload;
  const swapped = { ...payload, ...(htm === 'get' && { htm: target.method.toLowerCase() }) };
  const path = new URL(target.url).pathname.replace('/team', '');
  return device.proof(target, { ...rest, payload: { ...swapped, ...(typeof htu === 'string' && { htu: htu.replace(ME, path) }) } });
}
