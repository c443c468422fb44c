import type { StoredKey } from '@coucou/application/ports/system-repository';
import type { Transactions } from '@coucou/application/ports/unit-of-work';
import type { AuditEntry } from '@coucou/domain/audit/audit-entry';
import { addSeconds, isPast } from '@coucou/domain/kernel/time';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { createSealers } from './sealer.ts';

/** Fixed by configuration, never by the token. */
export const ALGORITHM = 'EdDSA';

type KeyHandle = Awaited<ReturnType<typeof importJWK>>;
export type SigningKey = Pick<StoredKey, 'kid' | 'generation' | 'createdAt' | 'signsFrom'> &
  Readonly<{ publicJwk: JWK; publicKey: KeyHandle; privateKey: KeyHandle }>;

/** SECRET_KEY is not the one that the signing keys were sealed with. */
export class SecretMismatchError extends Error {}

export type SigningKeysOptions = Readonly<{
  transactions: Pick<Transactions, 'system'>;
  /** Seals the private keys in the database; the same on all nodes. */
  secret: string;
  /** Seconds after which a key is followed by another. */
  lifetimeSeconds: number;
  now?: () => Date;
}>;

export type SigningKeys = Readonly<{
  /** All that verify, the newest first. */
  all: () => readonly SigningKey[];
  current: () => SigningKey;
  /** Undefined for a key that is not there; one that is new is looked for. */
  find: (kid: string | undefined) => Promise<SigningKey | undefined>;
  /**
   * Makes the next key, which signs after so many seconds. Of several nodes that do so at once, one does, and writes the entry of the audit log
   * with it.
   */
  rotate: (entryOf?: (kid: string) => AuditEntry, afterSeconds?: number) => Promise<void>;
  /** Reads the keys again, follows an old one by another, and removes those whose last token has expired. */
  upkeep: () => Promise<void>;
}>;

/** How often the keys are read again for tokens with an unknown one, which anybody may make up. */
const READ_AGAIN_MS = 5_000;
/** So long after it was made every node reads a key that it does not know: longer than one that has just read waits. */
const KNOWN_SECONDS = (2 * READ_AGAIN_MS) / 1_000;
/** A scheduled key is published so long before it signs: longer than verifiers may keep the set of keys. */
const PUBLISHED_SECONDS = 600;
/** The longest life of an access token, and as much as nodes may be late with a new key or wrong about the time. */
const VERIFIES_SECONDS = 86_400 + 3_600;

export async function createSigningKeys({
  transactions,
  secret,
  lifetimeSeconds,
  now = () => new Date(),
}: SigningKeysOptions): Promise<SigningKeys> {
  const sealer = createSealers(secret)('signing-keys');
  let keys: readonly SigningKey[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  async function open({ sealedPrivateJwk, publicJwk: described, kid, generation, createdAt, signsFrom }: StoredKey): Promise<SigningKey> {
    let privateJwk: JWK;
    try {
      privateJwk = JSON.parse(sealer.open(sealedPrivateJwk)) as JWK;
    } catch {
      throw new SecretMismatchError('the signing keys in the database were sealed under another SECRET_KEY');
    }
    const publicJwk = JSON.parse(described) as JWK;
    const [publicKey, privateKey] = await Promise.all([importJWK(publicJwk, ALGORITHM), importJWK(privateJwk, ALGORITHM)]);
    return { kid, generation, createdAt, signsFrom, publicJwk, publicKey, privateKey };
  }

  async function read(): Promise<void> {
    const stored = await transactions.system('signing-keys', (tx) => tx.listSigningKeys());
    keys = await Promise.all(stored.map(open));
    readAt = performance.now();
  }
  /** Concurrent callers share one reading. */
  const reload = () =>
    (reading ??= read().finally(() => {
      reading = undefined;
    }));

  async function add(generation: number, afterSeconds: number, entryOf?: (kid: string) => AuditEntry): Promise<void> {
    const pair = await generateKeyPair(ALGORITHM, { extractable: true });
    const publicJwk = await exportJWK(pair.publicKey);
    const kid = await calculateJwkThumbprint(publicJwk);
    const sealedPrivateJwk = sealer.seal(JSON.stringify(await exportJWK(pair.privateKey)));
    const described = JSON.stringify({ ...publicJwk, kid, alg: ALGORITHM, use: 'sig' });
    const createdAt = now();
    const signsFrom = addSeconds(createdAt, afterSeconds);
    const key = { kid, algorithm: ALGORITHM, publicJwk: described, sealedPrivateJwk, generation, createdAt, signsFrom };
    await transactions.system('signing-keys', async (tx) => {
      if ((await tx.addSigningKey(key)) && entryOf !== undefined) await tx.auditLog.add(entryOf(kid));
    });
    await read();
  }

  const current = (): SigningKey => {
    const key = keys.find(({ signsFrom }) => isPast(signsFrom, now())) ?? keys.at(-1);
    if (key === undefined) throw new Error('there is no signing key');
    return key;
  };

  await read();
  if (keys.length === 0) await add(1, 0);

  return {
    all: () => keys,
    current,
    async find(kid) {
      const known = keys.find((key) => key.kid === kid);
      if (known !== undefined || kid === undefined || performance.now() - readAt < READ_AGAIN_MS) return known;
      await reload();
      return keys.find((key) => key.kid === kid);
    },
    async rotate(entryOf, afterSeconds = KNOWN_SECONDS) {
      await reload();
      await add((keys[0]?.generation ?? 0) + 1, afterSeconds, entryOf);
    },
    async upkeep() {
      await reload();
      const [newest] = keys;
      if (newest === undefined || isPast(addSeconds(newest.createdAt, lifetimeSeconds), now()))
        await add((newest?.generation ?? 0) + 1, PUBLISHED_SECONDS);
      // The newest that has signed for so long: no token of those before it can be good any more.
      const settled = keys.find(({ signsFrom }) => isPast(addSeconds(signsFrom, VERIFIES_SECONDS), now()));
      if (settled === undefined || keys.at(-1) === settled) return;
      await transactions.system('signing-keys', (tx) => tx.removeSigningKeys(settled.generation));
      await read();
    },
  };
}
