import { createLocalJWKSet, type JWK } from 'jose';
import type { GuardedFetch } from '../identity-providers/provider.ts';

/** Where an issuer's keys are: at this URL, or where its metadata says. */
export type KeySource = Readonly<{ issuer: string; jwksUrl?: string | undefined }>;

export type KeySet = Readonly<{ find: ReturnType<typeof createLocalJWKSet>; keys: readonly JWK[] }>;

/**
 * Why there are no keys: those of the outbound guard (`refused`, `unreachable`, `timeout`, `too_large`, `not_http`), another status than 200
 * (`status`), no JSON or no key set (`form`), metadata of another issuer or without keys (`metadata`), too many keys (`too_many_keys`).
 */
export class KeysUnreadable extends Error {
  readonly reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(`the keys of an issuer cannot be read: ${reason}`, options);
    this.name = 'KeysUnreadable';
    this.reason = reason;
  }
}

const MOST_KEYS = 100;

/** Base64url digits of the longest modulus (4096 bits) and exponent (32 bits) of RSA: verifying with longer ones takes long. */
const LONGEST = { modulus: 683, exponent: 6 };

/** Reads the keys through the outbound guard, which bounds the time and the size of each answer. Throws `KeysUnreadable`. */
export async function readKeySet(outbound: GuardedFetch, { issuer, jwksUrl }: KeySource): Promise<KeySet> {
  const { keys } = await readObject(outbound, jwksUrl ?? (await discover(outbound, issuer)));
  if (!Array.isArray(keys)) throw new KeysUnreadable('form');
  if (keys.length > MOST_KEYS) throw new KeysUnreadable('too_many_keys');
  const usable = keys.filter(isUsable);
  return { find: createLocalJWKSet({ keys: usable }), keys: usable };
}

/** OpenID Connect Discovery 1.0, 4: what answers under another name than it is asked by is not believed. */
async function discover(outbound: GuardedFetch, issuer: string): Promise<string> {
  const metadata = await readObject(outbound, `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const { jwks_uri: url } = metadata;
  if (metadata['issuer'] !== issuer || typeof url !== 'string') throw new KeysUnreadable('metadata');
  return url;
}

async function readObject(outbound: GuardedFetch, url: string): Promise<Readonly<Record<string, unknown>>> {
  const response = await outbound(url, { redirect: 'manual', headers: { accept: 'application/json' } }).catch((cause: unknown) => {
    const { name, reason } = cause as { name?: string; reason?: string };
    throw new KeysUnreadable((name === 'OutboundError' ? reason : undefined) ?? 'unreachable', { cause });
  });
  if (response.status !== 200) throw new KeysUnreadable('status');
  const body: unknown = await response.json().catch((cause: unknown) => {
    throw new KeysUnreadable('form', { cause });
  });
  if (typeof body !== 'object' || body === null) throw new KeysUnreadable('form');
  return body as Readonly<Record<string, unknown>>;
}

/** Keys of the kinds that sign, and that are quick to verify with. The library takes no private ones. */
function isUsable(key: unknown): key is JWK {
  if (typeof key !== 'object' || key === null) return false;
  const { kty, n, e } = key as JWK;
  if (kty === 'RSA') return isShort(n, LONGEST.modulus) && isShort(e, LONGEST.exponent);
  return kty === 'EC' || kty === 'OKP';
}

const isShort = (text: unknown, longest: number): boolean => typeof text === 'string' && text.length <= longest;
