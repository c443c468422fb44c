import { randomUUID } from 'node:crypto';
import type { AccessTokens } from '@coucou/application/ports/tokens';
import type { Transactions } from '@coucou/application/ports/unit-of-work';
import { authErrors } from '@coucou/domain/auth/session';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import { asId } from '@coucou/domain/kernel/ids';
import { errors as joseErrors, type JWK, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { LRUCache } from 'lru-cache';
import { ALGORITHM, createSigningKeys, type SigningKeys } from './signing-keys.ts';

/** RFC 9068: a token of another kind that the same keys may sign one day is no access token. */
const TYPE = 'at+jwt';

export type AccessTokensOptions = Readonly<{
  transactions: Pick<Transactions, 'system'>;
  /** Seals the private keys in the database; the same on all nodes. */
  secret: string;
  issuer: string;
  audience: string;
  ttlSeconds: number;
  /** Seconds after which a signing key is followed by another. */
  keyLifetimeSeconds?: number;
}>;

export type SigningTokens = AccessTokens &
  Pick<SigningKeys, 'rotate' | 'upkeep'> &
  Readonly<{ jwks(): Promise<Readonly<{ keys: readonly JWK[] }>> }>;

const NINETY_DAYS = 90 * 86_400;

/** Access tokens: JWTs (RFC 7519) signed with keys from the database, the newest first; all of them verify. */
export async function createAccessTokens(options: AccessTokensOptions): Promise<SigningTokens> {
  const { transactions, secret, issuer, audience, ttlSeconds, keyLifetimeSeconds: lifetimeSeconds = NINETY_DAYS } = options;
  const keys = await createSigningKeys({ transactions, secret, lifetimeSeconds });

  /** Cache of verified tokens until they expire: clients present the same one repeatedly. */
  const verified = new LRUCache<string, Awaited<ReturnType<AccessTokens['verify']>>>({ max: 20_000 });

  const keyOf = async (kid: string | undefined) => {
    const key = await keys.find(kid);
    if (key === undefined) throw errors.UNAUTHENTICATED({ reason: 'the key of this token is unknown' });
    return key.publicKey;
  };

  return {
    async issue({ account, actor: { userId, sessionId, isUnproven }, rotation, ttlSeconds: ownTtl = ttlSeconds, thumbprint }) {
      const key = keys.current();
      const issuedAt = Math.floor(Date.now() / 1000);
      const expiresAt = issuedAt + ownTtl;
      const token = await new SignJWT({
        acc: account,
        sid: sessionId,
        rot: rotation,
        ...(isUnproven && { unproven: true }),
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
          actor: {
            userId: asId<'user'>(String(payload.sub)),
            sessionId: asId<'session'>(String(payload['sid'])),
            ...(payload['unproven'] === true && { isUnproven: true as const }),
          },
          rotation: Number(payload['rot']),
          expiresAt: new Date((payload.exp ?? 0) * 1000),
          ...thumbprintOf(payload),
        };
        verified.set(token, claims);
        return claims;
      } catch (error) {
        if (error instanceof ChatError && error.kind === 'unavailable') throw error;
        if (error instanceof joseErrors.JWTExpired) throw authErrors.TOKEN_EXPIRED();
        throw errors.UNAUTHENTICATED();
      }
    },

    jwks: async () => ({ keys: keys.all().map(({ publicJwk }) => publicJwk) }),
    rotate: keys.rotate,
    upkeep: keys.upkeep,
  };
}

/** A confirmation in another form than that of this server is no token of it. */
function thumbprintOf({ cnf }: JWTPayload): Readonly<{ thumbprint?: string }> {
  if (cnf === undefined) return {};
  const { jkt } = cnf as { jkt?: unknown };
  if (typeof jkt !== 'string') throw errors.UNAUTHENTICATED();
  return { thumbprint: jkt };
}
