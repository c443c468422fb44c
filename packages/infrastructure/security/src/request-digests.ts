import { createHash, createHmac, createSecretKey, hkdfSync } from 'node:crypto';
import type { NamedIds } from '@coucou/application/ports/named-ids';
import type { RequestDigests } from '@coucou/application/ports/request-digests';

/** Of what this server makes UUIDs of; a random UUID itself. */
const NAMESPACE = '5b0a2c0e-6b0f-4f0e-9c53-3f6d1b6a7e41';

/** JSON in one form for all equal values: the fields of an object in the order of their names. */
const canonical = (value: unknown): string => JSON.stringify(value, (_name, held: unknown) => sorted(held)) ?? 'null';

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

export const namedIds: NamedIds = {
  uuid(parts) {
    const hash = createHash('sha1')
      .update(Buffer.from(NAMESPACE.replaceAll('-', ''), 'hex'))
      .update(canonical(parts))
      .digest();
    // Version 5, and the variant of RFC 9562.
    hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
    hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
    return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  },
};

/** HMAC-SHA-256 under a key derived from the server's secret: requests hold passwords, which a plain hash would let a reader of the database try out. */
export function createRequestDigests(secret: string): RequestDigests {
  const key = createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', 'coucou:request-digests', 32)));
  return { fingerprint: (parts) => createHmac('sha256', key).update(canonical(parts)).digest('hex'), ...namedIds };
}
