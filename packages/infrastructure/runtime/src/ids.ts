import { randomFillSync } from 'node:crypto';
import type { Ids } from '@coucou/application/ports/ids';
import { asId } from '@coucou/domain/kernel/ids';
import { v7 } from 'uuid';

/** Of one id. */
const RANDOM_BYTES = 16;
/** Filled at once: to ask for a few random bytes costs as much as to ask for many. */
const POOL_IDS = 256;

/** UUIDv7 (RFC 9562): those of one process grow even within one millisecond. */
export function createIds(): Ids {
  const pool = new Uint8Array(RANDOM_BYTES * POOL_IDS);
  let at = pool.length;
  let msecs = 0;
  let seq = 0;
  return {
    next() {
      if (at === pool.length) {
        randomFillSync(pool);
        at = 0;
      }
      const random = pool.subarray(at, at + RANDOM_BYTES);
      at += RANDOM_BYTES;
      const now = Date.now();
      // A clock that stands still, or is set back, is counted on; the 32 bits of the counter begin below half, so that there is room.
      if (now > msecs) {
        msecs = now;
        seq = new DataView(random.buffer, random.byteOffset).getUint32(6) >>> 1;
      } else {
        seq += 1;
      }
      return asId(v7({ random, msecs, seq }));
    },
  };
}
