import { createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** A key of its own for each purpose, from the secret that all nodes of a deployment share. */
export const deriveKey = (secret: string, purpose: string): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `coucou:redis:${purpose}`, 32)));

/**
 * Names on a Redis that others may use as well: a deployment is told by its secret, since publishing knows no database number. What stands in
 * braces decides the slot of a cluster; what people typed, and their addresses, are in no name.
 */
export type Names = Readonly<{
  /** Of the events between the nodes. */
  channel: string;
  counter: (rule: string, key: string) => string;
  /** Of a token bucket; those of one `shard`, of sixteen, are in one slot of a cluster, so that one script may change many. */
  bucket: (rule: string, key: string) => Readonly<{ name: string; shard: string }>;
  /** Of a proof that was used. */
  proof: (account: string, id: string) => string;
  /** What all keys of the job queue begin with; they are in one slot of a cluster. */
  jobs: string;
  /** Of the cached answer of a slot; those of an account are in one slot of a cluster. */
  answer: (account: string, operation: string, slot: string) => string;
  /** Of the presence of people, all in one slot of a cluster; the key of a run's people begins with `run`. */
  presence: Readonly<{ leases: string; told: string; epoch: string; partial: string; run: string }>;
  /** Written to see whether writing works. */
  probe: string;
  /** By which nodes tell one Redis from another. */
  id: string;
}>;

export function createNames(secret: string): Names {
  const key = deriveKey(secret, 'names');
  const tagOf = (text: string): string => createHmac('sha256', key).update(text).digest('base64url').slice(0, 22);
  const deployment = tagOf('deployment').slice(0, 11);
  const presence = `coucou:${deployment}:{presence}`;
  return {
    presence: {
      leases: `${presence}:leases`,
      told: `${presence}:told`,
      epoch: `${presence}:epoch`,
      partial: `${presence}:partial`,
      run: `${presence}:run:`,
    },
    channel: `coucou:${deployment}:{events}`,
    jobs: `coucou:{${deployment}}`,
    probe: `coucou:${deployment}:probe`,
    id: `coucou:${deployment}:id`,
    proof: (account, id) => `coucou:${deployment}:proof:{${tagOf(`${account}:${id}`)}}`,
    answer: (account, operation, slot) => `coucou:${deployment}:answer:{${tagOf(account)}}:${tagOf(`${operation}:${slot}`)}`,
    bucket(rule, counted) {
      const tag = tagOf(`${rule}:${counted}`);
      const shard = ((tag.codePointAt(0) ?? 0) % 16).toString(16);
      return { name: `coucou:${deployment}:bucket:{${shard}}:${tag}`, shard };
    },
    counter: (rule, counted) => `coucou:${deployment}:limit:${rule}:{${tagOf(`${rule}:${counted}`)}}`,
  };
}
