import { createHash, type webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

export type SigningKey = Readonly<{ alg: string; kid: string; privateKey: webcrypto.CryptoKey; jwk: JWK }>;

/** An account's own server: it signs tokens, and publishes its keys over HTTP. */
export type TokenIssuer = Readonly<{
  url: string;
  jwksUrl: string;
  /** Those that it publishes; may be changed at any time. */
  published: SigningKey[];
  /** Paths that were asked for, in order. */
  asked: string[];
  /** Answers instead of the server, until it is unset. */
  answer: { now: ((path: string, response: ServerResponse) => void) | undefined };
  close(): Promise<void>;
}>;

/** A key pair as its owner has it. */
export async function signingKey(alg: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  const kid = createHash('sha256').update(JSON.stringify(jwk)).digest('hex').slice(0, 16);
  return { alg, kid, privateKey, jwk: { ...jwk, kid, alg, use: 'sig' } };
}

/** A claim, or a field of the header, that is undefined is left out. */
export const signToken = (
  { alg, kid, privateKey }: SigningKey,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> => new SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(privateKey);

export async function startTokenIssuer(...published: SigningKey[]): Promise<TokenIssuer> {
  const asked: string[] = [];
  const answer: TokenIssuer['answer'] = { now: undefined };
  const server = createServer(({ url: path = '' }, response) => {
    asked.push(path);
    if (answer.now !== undefined) {
      answer.now(path, response);
      return;
    }
    const answers: Readonly<Record<string, object>> = {
      '/jwks.json': { keys: published.map(({ jwk }) => jwk) },
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/jwks.json` },
    };
    const found = answers[path];
    response.writeHead(found === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(found ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    jwksUrl: `${url}/jwks.json`,
    published,
    asked,
    answer,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
