import { availableParallelism } from 'node:os';
import { createFairQueue } from '@coucou/application/kernel/fair-queue';
import { networkOf } from '@coucou/application/kernel/network-of';
import type { PasswordHasher } from '@coucou/application/ports/password-hasher';
import argon2 from 'argon2';
import { verifyImported } from './imported-hashes.ts';

/** OWASP's first recommendation for argon2id. */
export const HASH_PARAMETERS = { type: argon2.argon2id, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 } as const;

/**
 * As many as leave a core to everything else, since a hash keeps its core busy to the end; and two threads of libuv's pool of four, in which
 * files are read and names resolved, too.
 */
export const HASHES_AT_ONCE = Math.min(2, Math.max(1, availableParallelism() - 1));

/** More than this many tries would wait for longer than whoever logs in: a core makes about 30 hashes a second. */
const MOST_WAITING = 100;

export type PasswordHasherOptions = Readonly<{
  /** Concurrent hashes; each occupies a core and a thread of libuv's pool. */
  concurrency: number;
  /** Hashes that may wait. */
  queueLimit?: number;
}>;

export function createPasswordHasher({ concurrency, queueLimit = MOST_WAITING }: PasswordHasherOptions): PasswordHasher {
  const queue = createFairQueue({ concurrency, mostWaiting: queueLimit });
  const hash = (password: string, from: string) =>
    queue.run(networkOf(from), () => argon2.hash(password.normalize('NFKC'), HASH_PARAMETERS));
  /** Verified when there is no hash to verify against, so that it takes as long. */
  const dummy = hash('nobody has this password', '');
  dummy.catch(() => {});

  return {
    hash,
    async verify(password, known, from) {
      const digest = known ?? (await dummy);
      const normal = password.normalize('NFKC');
      const check = (typed: string) => queue.run(networkOf(from), () => verifyImported(digest, typed) ?? argon2.verify(digest, typed));
      // Other systems hashed what was typed.
      const matches = (await check(normal)) || (normal !== password && (await check(password)));
      return matches && known !== undefined;
    },
    requireRoom: (from) => queue.requireRoom(networkOf(from)),
    needsRehash: (digest) => !digest.startsWith('$argon2id$') || argon2.needsRehash(digest, HASH_PARAMETERS),
  };
}
