import { createHash, randomUUID, type webcrypto } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, type JWK, SignJWT } from 'jose';
import { type HttpAnswer, httpClient } from '../support/clients.ts';

export type ProofChange = Readonly<{
  header?: Readonly<Record<string, unknown>>;
  /** A claim that is undefined is left out. */
  payload?: Readonly<Record<string, unknown>>;
  signWith?: webcrypto.CryptoKey | Uint8Array;
}>;

export type Call = Readonly<{ method: string; path: string; body?: unknown; token?: string; headers?: Record<string, string> }>;

/** A device with a key that cannot be exported, as a browser makes it; it makes proofs as RFC 9449 says, or otherwise. */
export type Device = Readonly<{
  key: webcrypto.CryptoKey;
  jwk: JWK;
  thumbprint: string;
  /** The newest nonce that a server told. */
  nonces: { newest: string | undefined };
  proof(target: Readonly<{ method: string; url: string; token?: string | undefined }>, change?: ProofChange): Promise<string>;
  /** Calls with a proof, once more when a server asks for its nonce. `at`: the server; proofs are for its public address. */
  call(at: string, call: Call, publicUrl?: string): Promise<HttpAnswer>;
}>;

const algorithms = { ES256: { name: 'ECDSA', namedCurve: 'P-256' }, EdDSA: { name: 'Ed25519' } } as const;

export async function newDevice(alg: keyof typeof algorithms = 'ES256'): Promise<Device> {
  const { privateKey, publicKey } = (await crypto.subtle.generateKey(algorithms[alg], false, [
    'sign',
    'verify',
  ])) as webcrypto.CryptoKeyPair;
  const { kty, crv, x, y } = await exportJWK(publicKey);
  const jwk = { kty, crv, x, ...(y !== undefined && { y }) } as JWK;
  const nonces: Device['nonces'] = { newest: undefined };

  const proof: Device['proof'] = ({ method, url, token }, { header, payload, signWith = privateKey } = {}) => {
    const claims = {
      jti: randomUUID(),
      iat: Math.floor(Date.now() / 1_000),
      htm: method,
      htu: url,
      nonce: nonces.newest,
      ...(token !== undefined && { ath: createHash('sha256').update(token).digest('base64url') }),
      ...payload,
    };
    return new SignJWT(claims).setProtectedHeader({ alg, typ: 'dpop+jwt', jwk, ...header }).sign(signWith);
  };

  return {
    key: privateKey,
    jwk,
    thumbprint: await calculateJwkThumbprint(jwk),
    nonces,
    proof,
    async call(at, { method, path, body, token, headers }, publicUrl = at) {
      const attempt = async (): Promise<HttpAnswer> => {
        const dpop = await proof({ method, url: `${publicUrl}${path.split('?')[0]}`, token });
        const authorization = token === undefined ? {} : { authorization: `DPoP ${token}` };
        const answer = await httpClient(at).call(method, path, body, { dpop, ...authorization, ...headers });
        nonces.newest = answer.headers.get('dpop-nonce') ?? nonces.newest;
        return answer;
      };
      const answer = await attempt();
      return answer.body?.code === 'DPOP_NONCE_REQUIRED' ? attempt() : answer;
    },
  };
}
