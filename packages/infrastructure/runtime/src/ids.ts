import { randomFillSync } from 'node:crypto';
import type { Ids } from '@coucou/application/ports/ids';
import { asId } from '@coucou/domain/kernel/ids';
import { v7 } from 'uuid';

/** Of one id. */
const RANDOM_BYTES = 16;
/** Random bytes are drawn in bulk, since a small draw costs as much as a large one. */
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
      // When the clock stands still or goes back, the counter continues; its 32 bits start below half, to leave room.
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
