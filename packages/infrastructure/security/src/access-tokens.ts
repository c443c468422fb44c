import { randomUUID } from 'node:crypto';
import type { StoredKey } from '@coucou/application/ports/system-repository';
import type { AccessTokens } from '@coucou/application/ports/tokens';
import type { Transactions } from '@coucou/application/ports/unit-of-work';
import { authErrors } from '@coucou/domain/auth/session';
import { errors } from '@coucou/domain/kernel/errors';
import { asId } from '@coucou/domain/kernel/ids';
import {
  calculateJwkThumbprint,
  errors as joseErrors,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose';
import { LRUCache } from 'lru-cache';
import { createSealers } from './sealer.ts';

/** Fixed by configuration, never by the token. */
const ALGORITHM = 'EdDSA';
/** RFC 9068: a token of another kind that the same keys may sign one day is no access token. */
const TYPE = 'at+jwt';

export type AccessTokensOptions = Readonly<{
  transactions: Pick<Transactions, 'system'>;
  /** Seals the private keys in the database; the same on all nodes. */
  secret: string;
  issuer: string;
  audience: string;
  ttlSeconds: number;
}>;

export type SigningTokens = AccessTokens & Readonly<{ jwks(): Promise<Readonly<{ keys: readonly JWK[] }>> }>;

type KeyHandle = Awaited<ReturnType<typeof importJWK>>;
type Key = Readonly<{ kid: string; publicJwk: JWK; publicKey: KeyHandle; privateKey: KeyHandle }>;

/** SECRET_KEY is not the one that the signing keys were sealed with. */
export class SecretMismatchError extends Error {}

/** Access tokens: JWTs (RFC 7519) signed with keys from the database, the newest first; all of them verify. */
export async function createAccessTokens(options: AccessTokensOptions): Promise<SigningTokens> {
  const { transactions, secret, issuer, audience, ttlSeconds } = options;
  const sealer = createSealers(secret)('signing-keys');

  const load = async (): Promise<readonly Key[]> => {
    const stored = await transactions.system('signing-keys', (tx) => tx.listSigningKeys());
    return Promise.all(stored.map(openKey));
  };

  const openKey = async (stored: StoredKey): Promise<Key> => {
    let privateJwk: JWK;
    try {
      privateJwk = JSON.parse(sealer.open(stored.sealedPrivateJwk)) as JWK;
    } catch {
      throw new SecretMismatchError('the signing keys in the database were sealed under another SECRET_KEY');
    }
    const publicJwk = JSON.parse(stored.publicJwk) as JWK;
    const [publicKey, privateKey] = await Promise.all([importJWK(publicJwk, ALGORITHM), importJWK(privateJwk, ALGORITHM)]);
    return { kid: stored.kid, publicJwk, publicKey, privateKey };
  };

  const createFirst = async (): Promise<void> => {
    const pair = await generateKeyPair(ALGORITHM, { extractable: true });
    const publicJwk = await exportJWK(pair.publicKey);
    const kid = await calculateJwkThumbprint(publicJwk);
    const sealedPrivateJwk = sealer.seal(JSON.stringify(await exportJWK(pair.privateKey)));
    const described = JSON.stringify({ ...publicJwk, kid, alg: ALGORITHM, use: 'sig' });
    await transactions.system('signing-keys', (tx) =>
      tx.addSigningKey({
        kid,
        algorithm: ALGORITHM,
        publicJwk: described,
        sealedPrivateJwk,
        generation: 1,
        createdAt: new Date(),
        signsFrom: new Date(),
      }),
    );
  };

  let keys = await load();
  if (keys.length === 0) {
    await createFirst();
    keys = await load();
  }

  /** Cache of verified tokens until they expire: clients present the same one repeatedly. */
  const verified = new LRUCache<string, Awaited<ReturnType<AccessTokens['verify']>>>({ max: 20_000 });

  const keyOf = async (kid: string | undefined): Promise<KeyHandle> => {
    const known = keys.find((key) => key.kid === kid);
    if (known !== undefined) return known.publicKey;
    throw errors.UNAUTHENTICATED({ reason: 'the key of this token is unknown' });
  };

  return {
    async issue({ account, actor: { userId, sessionId }, rotation, ttlSeconds: ownTtl = ttlSeconds, thumbprint }) {
      const [key] = keys;
      if (key === undefined) throw errors.INTERNAL({});
      const issuedAt = Math.floor(Date.now() / 1000);
      const expiresAt = issuedAt + ownTtl;
      const token = await new SignJWT({
        acc: account,
        sid: sessionId,
        rot: rotation,
        ...(thumbprint !== undefined && { cnf: { jkt: thumbprint } }),
      })
        .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: TYPE })
        .setIssuer(issuer)
        .setAudience(audience)
        .setSubject(userId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .setJti(randomUUID())
        .sign(key.privateKey);
      return { token, expiresAt: new Date(expiresAt * 1000) };
    },

    async verify(token) {
      const known = verified.get(token);
      if (known !== undefined) {
        if (known.expiresAt.getTime() <= Date.now()) throw authErrors.TOKEN_EXPIRED();
        return known;
      }
      try {
        const { payload } = await jwtVerify(token, ({ kid }) => keyOf(kid), {
          algorithms: [ALGORITHM],
          typ: TYPE,
          issuer,
          audience,
          requiredClaims: ['sub', 'acc', 'sid', 'rot', 'exp'],
        });
        const claims = {
          account: asId<'account'>(String(payload['acc'])),
          actor: { userId: asId<'user'>(String(payload.sub)), sessionId: asId<'session'>(String(payload['sid'])) },
          rotation: Number(payload['rot']),
          expiresAt: new Date((payload.exp ?? 0) * 1000),
          ...thumbprintOf(payload),
        };
        verified.set(token, claims);
        return claims;
      } catch (error) {
        if (error instanceof joseErrors.JWTExpired) throw authErrors.TOKEN_EXPIRED();
        throw errors.UNAUTHENTICATED();
      }
    },

    jwks: async () => ({ keys: keys.map((key) => key.publicJwk) }),
  };
}

/** A confirmation in another form than that of this server is no token of it. */
function thumbprintOf({ cnf }: JWTPayload): Readonly<{ thumbprint?: string }> {
  if (cnf === undefined) return {};
  const { jkt } = cnf as { jkt?: unknown };
  if (typeof jkt !== 'string') throw errors.UNAUTHENTICATED();
  return { thumbprint: jkt };
}
