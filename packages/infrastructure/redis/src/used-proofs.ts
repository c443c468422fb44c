import type { UsedProofs } from '@coucou/application/ports/proofs';
import type { GuardedClient } from './client.ts';
import type { Names } from './names.ts';

export type RedisUsedProofsOptions = Readonly<{
  client: Pick<GuardedClient, 'ask'>;
  names: Pick<Names, 'proof'>;
  /** Knows as much of all nodes as can be known without Redis. */
  without: UsedProofs;
  now: () => number;
}>;

export type RedisUsedProofs = UsedProofs & Readonly<{ /** Redis is back, and may have lost its keys. */ resumed: () => void }>;

/**
 * One key per proof, on all nodes. While Redis is away `without` answers; neither knows what the other was told, so whenever a node changes
 * between them, proofs with a nonce from before are told apart by nobody, and clients are asked for others.
 */
export function createRedisUsedProofs({ client, names, without, now }: RedisUsedProofsOptions): RedisUsedProofs {
  let isAway = false;
  let knowsFrom = 0;

  /** Undefined when Redis did not answer. */
  async function ask(name: string, ms: number): Promise<'first' | 'again' | undefined> {
    try {
      return (await client.ask((redis) => redis.set(name, '', 'PX', ms, 'NX'))) === null ? 'again' : 'first';
    } catch {
      // Told to the log by the client, once for the outage.
      return undefined;
    }
  }

  return {
    async use(account, proof) {
      const told = await ask(names.proof(account, proof.id), Math.max(1, proof.expiresAt.getTime() - now()));
      if (isAway !== (told === undefined)) {
        isAway = told === undefined;
        knowsFrom = now();
      }
      if (proof.noncedAt.getTime() < knowsFrom) return 'forgotten';
      return told ?? without.use(account, proof);
    },
    resumed() {
      knowsFrom = now();
    },
  };
}
