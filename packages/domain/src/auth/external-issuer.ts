import { defineErrors, errors } from '../kernel/errors.ts';
import type { AccountId, Instant, IssuerId } from '../kernel/ids.ts';
import { Administration, type AdminRank } from '../users/administration.ts';

export const issuerErrors = defineErrors('ISSUER', {
  NOT_FOUND: ['not_found', 'There is no such issuer.'],
  TAKEN: ['conflict', 'The account has registered this issuer already; change that registration.'],
  LIMIT_REACHED: ['conflict', 'The account has as many issuers as it may have; remove one first.'],
  UNAVAILABLE: ['unavailable', 'The keys of the issuer cannot be read at the moment; try again.'],
});

export const externalTokenErrors = defineErrors('EXTERNAL_TOKEN', {
  INVALID: ['unauthenticated', 'This token is not accepted here; get a new one where you signed in.'],
});

/** Asymmetric alone: whoever can verify a token must not be able to make one. */
export type TokenAlgorithm = 'EdDSA' | 'Ed25519' | 'ES256' | 'ES384' | 'ES512' | 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512';

/** The names of the claims that say who somebody is; what is absent is not read. */
export type ProfileClaims = Readonly<{ [Field in 'username' | 'displayName' | 'email' | 'avatarUrl']?: string | undefined }>;

/** What an account decides of an issuer whose tokens it takes. */
export type IssuerRules = Readonly<{
  /** Where its keys are; absent: where the issuer's own metadata says (OpenID Connect Discovery). */
  jwksUrl?: string | undefined;
  /** A token is for one of these. */
  audiences: readonly string[];
  algorithms: readonly TokenAlgorithm[];
  claims: ProfileClaims;
  /** Whether people whom nobody knows yet are signed up, by the account's rules; otherwise known people alone come in. */
  signUp: boolean;
  /** The longest life of a token: `exp` − `iat`. */
  maxTokenSeconds: number;
}>;

/** An issuer outside this server whose tokens an account exchanges for sessions. */
export type ExternalIssuer = IssuerRules &
  Readonly<{
    accountId: AccountId;
    id: IssuerId;
    /** As its tokens say in `iss`, character by character. */
    issuer: string;
    /** By whose right it stands: whoever decides over an issuer's keys can be anybody whom it signs in. */
    rank: AdminRank;
    /** Raised by every change. */
    version: number;
    createdAt: Instant;
    updatedAt: Instant;
  }>;

export type NewIssuer = IssuerRules & Pick<ExternalIssuer, 'accountId' | 'id' | 'issuer' | 'rank'> & Readonly<{ now: Instant }>;

/** An issuer that is found by its metadata is an address, to which a path can be appended. Throws `VALIDATION_FAILED`. */
function requireKeySource(issuer: string, jwksUrl: string | undefined): void {
  if (jwksUrl !== undefined || /^https?:\/\/[^\s/?#]+(?:\/[^\s?#]*)?$/.test(issuer)) return;
  throw errors.VALIDATION_FAILED([
    {
      path: ['jwksUrl'],
      rule: 'required',
      message: 'Without jwksUrl the issuer must be a URL without query, where its metadata is found.',
    },
  ]);
}

/** Throws `VALIDATION_FAILED`. */
function register({ now, ...rest }: NewIssuer): ExternalIssuer {
  requireKeySource(rest.issuer, rest.jwksUrl);
  return { ...rest, version: 1, createdAt: now, updatedAt: now };
}

/**
 * Other rules, by the right of whoever sets them. What an owner registered is for owners to change: otherwise an admin could put keys of
 * their own into it, and sign in as an owner. Throws `FORBIDDEN` and `VALIDATION_FAILED`.
 */
function change(issuer: ExternalIssuer, rules: IssuerRules, rank: AdminRank, now: Instant): ExternalIssuer {
  Administration.requireSubject(rank, issuer.rank === 'owner' ? 'owner' : 'member');
  requireKeySource(issuer.issuer, rules.jwksUrl);
  return { ...issuer, ...rules, jwksUrl: rules.jwksUrl, rank, version: issuer.version + 1, updatedAt: now };
}

export const ExternalIssuer = { register, change };
