import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock } from '@coucou/application/ports/clock';
import type { Proof, Proofs, ProofTarget } from '@coucou/application/ports/proofs';
import { boundSessionErrors } from '@coucou/domain/auth/bound-session';
import { addSeconds, isPast } from '@coucou/domain/kernel/time';
import { calculateJwkThumbprint, EmbeddedJWK, type JWK, type JWTPayload, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { isSameAddress } from './proof-address.ts';
import { createSealers, type Sealer } from './sealer.ts';

export type ProofsOptions = Readonly<{
  /** Seals nonces; the same on all nodes. */
  secret: string;
  clock: Clock;
  /** The address by which clients reach the server, without a slash at its end. */
  address: () => string;
}>;

/** Fixed by configuration, never by the proof; asymmetric alone. */
const PROOF_ALGORITHMS = ['ES256', 'EdDSA'];

/** A proof with the longest key and address that are taken is half as long. */
const LONGEST_PROOF = 4_096;
const LONGEST_ID = 256;
const NONCE_SECONDS = 300;

const invalid = (reason: string, more: object = {}) => boundSessionErrors.PROOF_INVALID({ reason, ...more });
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Verifies proofs (RFC 9449, 4.3) and makes the nonces that say when they were made. */
export function createProofs({ secret, clock, address }: ProofsOptions): Proofs {
  const nonces = createNonces(createSealers(secret)('dpop-nonces'), clock);
  /** By the key as it came: a device has one, and importing it takes longer than verifying with it. */
  const keys = new LRUCache<string, Readonly<{ key: Awaited<ReturnType<typeof EmbeddedJWK>>; thumbprint: string }>>({ max: 10_000 });

  async function keyOf(jwk: JWK | undefined, alg: string) {
    const text = JSON.stringify([alg, jwk]);
    const known = keys.get(text);
    if (known !== undefined) return known;
    // Refuses private and symmetric keys.
    const key = await EmbeddedJWK({ alg, jwk } as Parameters<typeof EmbeddedJWK>[0]);
    const found = { key, thumbprint: await calculateJwkThumbprint(jwk as JWK, 'sha256') };
    keys.set(text, found);
    return found;
  }

  async function opened(proof: string): Promise<Readonly<{ payload: JWTPayload; thumbprint: string }>> {
    if (proof.length > LONGEST_PROOF) throw invalid('it is too long');
    let thumbprint = '';
    try {
      // Its age is told by the nonce, which is of the server's clock, and not by `iat`: clocks of devices are wrong.
      const { payload } = await jwtVerify(
        proof,
        async ({ alg, jwk }) => {
          const found = await keyOf(jwk, alg);
          thumbprint = found.thumbprint;
          return found.key;
        },
        { typ: 'dpop+jwt', algorithms: PROOF_ALGORITHMS },
      );
      return { payload, thumbprint };
    } catch {
      throw invalid(`it is no dpop+jwt that the key in its header signed with ${PROOF_ALGORITHMS.join(' or ')}`);
    }
  }

  return {
    nonce: nonces.make,
    async verify(proof, { method, path, accessToken }: ProofTarget): Promise<Proof> {
      const { payload, thumbprint } = await opened(proof);
      const { jti, iat, htm, htu, ath, nonce } = payload as JWTPayload & Partial<Record<'htm' | 'htu' | 'ath' | 'nonce', unknown>>;
      if (typeof jti !== 'string' || jti === '' || jti.length > LONGEST_ID)
        throw invalid('jti', { expected: 'a string that no other proof has' });
      if (typeof iat !== 'number') throw invalid('iat', { expected: 'a number of seconds' });
      if (htm !== method) throw invalid('htm', { expected: method });
      const expected = `${address()}${path}`;
      if (typeof htu !== 'string' || !isSameAddress(htu, expected)) throw invalid('htu', { expected });
      if (accessToken !== undefined && !isHashOf(ath, accessToken))
        throw invalid('ath', { expected: 'the SHA-256 of the access token, base64url' });
      const noncedAt = nonces.read(nonce);
      if (noncedAt === undefined) throw boundSessionErrors.NONCE_REQUIRED({ nonce: nonces.make() });
      const id = sha256(JSON.stringify([thumbprint, jti])).toString('base64url');
      return { thumbprint, id, noncedAt, expiresAt: addSeconds(noncedAt, NONCE_SECONDS) };
    },
  };
}

function isHashOf(ath: unknown, accessToken: string): boolean {
  const expected = Buffer.from(sha256(accessToken).toString('base64url'));
  const given = Buffer.from(typeof ath === 'string' ? ath : '');
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** The time at which each was made, sealed: nothing is kept, and any node reads it. */
function createNonces(sealer: Sealer, clock: Clock) {
  function timeIn(nonce: string): number {
    try {
      return Number(sealer.open(nonce));
    } catch {
      return Number.NaN;
    }
  }
  return {
    make: (): string => sealer.seal(String(clock.now().getTime())),
    /** Undefined for what was not made here, or too long ago. */
    read(nonce: unknown): Date | undefined {
      const time = typeof nonce === 'string' && nonce.length <= LONGEST_ID ? timeIn(nonce) : Number.NaN;
      if (Number.isNaN(time)) return undefined;
      const at = new Date(time);
      return isPast(addSeconds(at, NONCE_SECONDS), clock.now()) ? undefined : at;
    },
  };
}
