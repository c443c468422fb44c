import type { Clock } from '@coucou/application/ports/clock';
import type { UsedProofs } from '@coucou/application/ports/proofs';

export type UsedProofsOptions = Readonly<{ clock: Clock /** Proofs remembered; default 200,000. */; most?: number }>;

const MOST = 200_000;

/**
 * In the memory of the one node. It cannot tell of proofs from before its start, nor of those that it forgot because there were too many: they
 * are told by their nonces, which are older than those it remembers all proofs of. So a full memory costs clients a second try and never a replay.
 */
export function createUsedProofs({ clock, most = MOST }: UsedProofsOptions): UsedProofs {
  /** When each expires, and when its nonce was made; the first used first. */
  const used = new Map<string, Readonly<{ expiresAt: number; noncedAt: number }>>();
  let remembersFrom = clock.now().getTime();

  function makeRoom(now: number): void {
    for (const [id, { expiresAt }] of used) {
      if (expiresAt > now) break;
      used.delete(id);
    }
    if (used.size < most) return;
    let left = Math.ceil(most / 4);
    for (const [id, { noncedAt }] of used) {
      if (left === 0) break;
      left -= 1;
      used.delete(id);
      remembersFrom = Math.max(remembersFrom, noncedAt + 1);
    }
  }

  return {
    async use(_account, { id, noncedAt, expiresAt }) {
      if (noncedAt.getTime() < remembersFrom) return 'forgotten';
      if (used.has(id)) return 'again';
      makeRoom(clock.now().getTime());
      used.set(id, { expiresAt: expiresAt.getTime(), noncedAt: noncedAt.getTime() });
      return 'first';
    },
  };
}
