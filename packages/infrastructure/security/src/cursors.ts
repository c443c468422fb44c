import type { CursorHolder, Cursors } from '@coucou/application/ports/cursors';
import { errors } from '@coucou/domain/kernel/errors';
import { createSealers } from './sealer.ts';

/** Places are padded to a multiple of this, so that their length says nothing of the numbers in them. */
const PADDED = 32;

/**
 * Seals each cursor under a key of its account, person and operation, derived from the server's secret: what binds it is the key, and
 * no key seals so much that random nonces of 96 bits could meet (NIST SP 800-38D, 8.3). Another secret makes all cursors invalid.
 */
export function createCursors(secret: string): Cursors {
  const sealerFor = createSealers(secret);
  const sealerOf = ({ account, person, operation }: CursorHolder) =>
    sealerFor(`cursors:${JSON.stringify([account, person ?? null, operation])}`);
  return {
    seal: (place, holder) => sealerOf(holder).seal(place.padEnd(Math.ceil(place.length / PADDED) * PADDED)),
    open(cursor, holder) {
      try {
        return sealerOf(holder).open(cursor).trimEnd();
      } catch {
        throw errors.CURSOR_INVALID();
      }
    },
  };
}
