import { createHash } from 'node:crypto';
import type { ExternalTokens, TokenFault, TokenVerdict } from '@coucou/application/ports/external-tokens';
import { type ExternalIssuer, issuerErrors } from '@coucou/domain/auth/external-issuer';
import type { Instant } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { addSeconds } from '@coucou/domain/kernel/time';
import {
  decodeJwt,
  decodeProtectedHeader,
  errors as joseErrors,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
  type ProtectedHeaderParameters,
} from 'jose';
import { emailClaim, isTrueClaim, subjectClaim, textClaim, urlClaim } from '../identity-providers/claims.ts';
import type { GuardedFetch } from '../identity-providers/provider.ts';
import { createKeySets, type KeySets, type KeySetsOptions } from './key-sets.ts';
import { KeysUnreadable } from './read-key-set.ts';

export type ExternalTokensOptions = Readonly<{
  /** The outbound guard. */
  fetch: GuardedFetch;
  /** Hosts that may be called without TLS. */
  isAllowed: (url: URL) => boolean;
  keySets?: (options: KeySetsOptions) => KeySets;
}>;

/** Clocks of issuers differ. */
const TOLERANCE_SECONDS = 30;
/** How soon somebody may try again whose issuer could not be asked. */
const RETRY_SECONDS = 5;

type Verified = Readonly<{ payload: JWTPayload }>;

/** JWTs of issuers outside this server (RFC 7519, and RFC 8725 for what to distrust). */
export function createExternalTokens({ fetch, isAllowed, keySets = createKeySets }: ExternalTokensOptions): ExternalTokens {
  const sets = keySets({ fetch });

  /** By `kid` and algorithm among the keys of the issuer. What the header says about keys besides (`jwk`, `jku`, `x5u`, `x5c`) is never read. */
  const keyOf =
    (issuer: ExternalIssuer): JWTVerifyGetKey =>
    async (header, jws) => {
      const { find } = await sets.current(issuer);
      return find(header, jws).catch(async (error: unknown) => {
        if (!(error instanceof joseErrors.JWKSNoMatchingKey)) throw error;
        return (await sets.renewed(issuer)).find(header, jws);
      });
    };

  async function signedBy(issuer: ExternalIssuer, token: string, now: Instant): Promise<Verified | TokenVerdict> {
    try {
      return await jwtVerify(token, keyOf(issuer), {
        algorithms: [...issuer.algorithms],
        issuer: issuer.issuer,
        audience: [...issuer.audiences],
        requiredClaims: ['exp', 'iat', 'sub'],
        clockTolerance: TOLERANCE_SECONDS,
        maxTokenAge: issuer.maxTokenSeconds,
        currentDate: now,
      });
    } catch (error) {
      if (error instanceof KeysUnreadable) throw issuerErrors.UNAVAILABLE({ retryAfterSeconds: RETRY_SECONDS }, { cause: error });
      return faultOf(error);
    }
  }

  return {
    mayCall(text) {
      const url = URL.parse(text);
      return url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isAllowed(url)));
    },

    issuerOf(token) {
      if (token.length > limits.issuers.token) return undefined;
      try {
        const { iss } = decodeJwt(token);
        return typeof iss === 'string' ? textClaim(iss, limits.url) : undefined;
      } catch {
        return undefined;
      }
    },

    async verify(token, issuer, now) {
      const ofHeader = faultOfHeader(token);
      if (ofHeader !== undefined) return { fault: ofHeader, isSigned: false };
      const verified = await signedBy(issuer, token, now);
      if (!('payload' in verified)) return verified;
      const { payload } = verified;
      const fault = faultOfClaims(payload, issuer);
      if (fault !== undefined) return { fault, isSigned: true };
      return {
        verified: {
          identity: identityOf(payload, issuer),
          id: idOf(token, issuer),
          expiresAt: addSeconds(new Date((payload.exp ?? 0) * 1_000), TOLERANCE_SECONDS),
        },
      };
    },

    async readKeys(issuer) {
      const { keys } = await sets.read(issuer).catch((error: unknown) => {
        const { reason } = error as KeysUnreadable;
        throw issuerErrors.UNAVAILABLE({ reason, retryAfterSeconds: RETRY_SECONDS }, { cause: error });
      });
      return keys.map(({ kid, kty, alg }) => ({ kid, type: kty ?? '', algorithm: alg }));
    },
  };
}

function faultOfHeader(token: string): TokenFault | undefined {
  let header: ProtectedHeaderParameters;
  try {
    header = decodeProtectedHeader(token);
  } catch {
    return 'form';
  }
  const { crit, typ } = header;
  if (crit !== undefined) return 'crit';
  // Access tokens (`at+jwt`), this server's among them, and proofs, logout and security event tokens say something else than who signed in.
  return typ === undefined || /^(?:application\/)?jwt$/i.test(typ) ? undefined : 'typ';
}

/** What is wrong with it as the library says; the claims are read once the signature is right. */
function faultOf(error: unknown): TokenVerdict {
  if (error instanceof joseErrors.JWTExpired || error instanceof joseErrors.JWTClaimValidationFailed)
    return { fault: error.claim as TokenFault, isSigned: true };
  const unsigned = (fault: TokenFault): TokenVerdict => ({ fault, isSigned: false });
  if (error instanceof joseErrors.JOSEAlgNotAllowed) return unsigned('alg');
  if (error instanceof joseErrors.JWSSignatureVerificationFailed) return unsigned('signature');
  if (error instanceof joseErrors.JWSInvalid || error instanceof joseErrors.JWTInvalid) return unsigned('form');
  // None, several, or one that cannot be used: all of them are about its key.
  return unsigned('kid');
}

function faultOfClaims(payload: JWTPayload, { maxTokenSeconds }: ExternalIssuer): TokenFault | undefined {
  if ((payload.exp ?? 0) - (payload.iat ?? 0) > maxTokenSeconds) return 'lifetime';
  // Bound to a key that its presenter has not shown.
  if (payload['cnf'] !== undefined) return 'cnf';
  // A logout token or another security event, which need not say so in its type.
  if (payload['events'] !== undefined) return 'events';
  return subjectClaim(payload.sub) === undefined ? 'sub' : undefined;
}

function identityOf(payload: JWTPayload, { issuer, claims }: ExternalIssuer) {
  const valueOf = (name: string | undefined): unknown => (name !== undefined && Object.hasOwn(payload, name) ? payload[name] : undefined);
  return {
    issuer,
    subject: subjectClaim(payload.sub) ?? '',
    email: emailClaim(valueOf(claims.email)),
    emailVerified: isTrueClaim(payload['email_verified']),
    username: textClaim(valueOf(claims.username)),
    displayName: textClaim(valueOf(claims.displayName)),
    avatarUrl: urlClaim(valueOf(claims.avatarUrl)),
  };
}

/**
 * The hash of what is signed, without the signature: of one ECDSA signature anybody makes a second that is as good, and of one text in
 * base64url another for the same bytes. By the name of the issuer: registering it again makes no token good again.
 */
const idOf = (token: string, { issuer }: ExternalIssuer): string =>
  createHash('sha256')
    .update(JSON.stringify([issuer, token.slice(0, token.lastIndexOf('.'))]))
    .digest('base64url');
