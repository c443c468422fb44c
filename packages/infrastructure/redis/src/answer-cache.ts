import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { AnswerCache, AnswerKey } from '@coucou/application/ports/answer-cache';
import type { GuardedClient } from './client.ts';
import { deriveKey, type Names } from './names.ts';

export type RedisAnswerCacheOptions = Readonly<{
  client: Pick<GuardedClient, 'isUp' | 'ask' | 'send'>;
  names: Pick<Names, 'answer'>;
  /** The server's secret, the same on all nodes. */
  secret: string;
  /** How long an answer is kept; default 60 s. */
  keptMs?: number;
  /** Bytes that this node writes within that time at most; default 32 MiB. */
  mostBytes?: number;
  /** How long a caller waits for Redis; default 30 ms. */
  patienceMs?: number;
}>;

const KEPT_MS = 60_000;
const MOST_BYTES = 32 * 1_024 * 1_024;
const PATIENCE_MS = 30;
/** After it was silent, or refused something, it is left alone for as long. */
const REST_MS = 1_000;
/** A larger one would hold up what else goes over the connection. */
const MOST_VALUE = 256 * 1_024;

const [VERSION, IV, TAG] = [1, 12, 16];
const HEAD = 1 + IV + TAG;

/**
 * On Redis, for all nodes. Values are sealed (AES-256-GCM) under a key derived from all that they are kept under: a value that is corrupt, of
 * another deployment or format, forged, or copied to another name or account does not open, and counts as absent. Redis holds nothing that
 * somebody could read, and forgets everything within a minute, deleted and erased texts as well.
 */
export function createRedisAnswerCache({
  client,
  names,
  secret,
  keptMs = KEPT_MS,
  mostBytes = MOST_BYTES,
  patienceMs = PATIENCE_MS,
}: RedisAnswerCacheOptions): AnswerCache {
  const master = deriveKey(secret, 'answers');
  let restsUntil = 0;
  let written = 0;
  let writtenSince = 0;

  const isResting = (): boolean => !client.isUp() || performance.now() < restsUntil;
  const rest = () => {
    restsUntil = performance.now() + REST_MS;
  };
  /** Of its own for every slot and validator, so that random nonces under one key never become many (NIST SP 800-38D, 8.3). */
  const keyOf = ({ account, operation, slot, validator }: AnswerKey): Buffer =>
    createHmac('sha256', master)
      .update(JSON.stringify([account, operation, slot, validator]))
      .digest();

  function seal(key: AnswerKey, answer: string): Buffer {
    const iv = randomBytes(IV);
    const cipher = createCipheriv('aes-256-gcm', keyOf(key), iv);
    const body = [cipher.update(answer, 'utf8'), cipher.final()];
    return Buffer.concat([Buffer.of(VERSION), iv, cipher.getAuthTag(), ...body]);
  }

  function open(key: AnswerKey, value: Buffer): string | undefined {
    if (value[0] !== VERSION || value.length < HEAD) return undefined;
    try {
      const decipher = createDecipheriv('aes-256-gcm', keyOf(key), value.subarray(1, 1 + IV), { authTagLength: TAG });
      decipher.setAuthTag(value.subarray(1 + IV, HEAD));
      return Buffer.concat([decipher.update(value.subarray(HEAD)), decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }

  /** Undefined when Redis did not answer in time. What has arrived is read first: a turn of the event loop that began late is no fault of Redis. */
  async function patiently<T>(asked: Promise<T>): Promise<T | undefined> {
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    let isLate = true;
    const giveUp = () => {
      if (isLate) rest();
      resolve(undefined);
    };
    const timer = setTimeout(() => setImmediate(giveUp), patienceMs);
    try {
      return await Promise.race([asked, late]);
    } finally {
      isLate = false;
      clearTimeout(timer);
    }
  }

  /** Redis may be bounded and unable to evict (`noeviction`), and others keep there what they cannot lose. */
  function mayWrite(bytes: number): boolean {
    const now = performance.now();
    if (now - writtenSince >= keptMs) [written, writtenSince] = [0, now];
    if (bytes > MOST_VALUE || written + bytes > mostBytes) return false;
    written += bytes;
    return true;
  }

  return {
    async get(key) {
      if (isResting()) return undefined;
      try {
        const value = await patiently(client.ask((redis) => redis.getBuffer(names.answer(key.account, key.operation, key.slot))));
        return value === null || value === undefined ? undefined : open(key, value);
      } catch {
        // Told to the log by the client, once for the outage.
        rest();
        return undefined;
      }
    },
    put(key, answer) {
      if (isResting() || answer.length > MOST_VALUE) return;
      const value = seal(key, answer);
      if (!mayWrite(value.length)) return;
      client.send((redis) => redis.set(names.answer(key.account, key.operation, key.slot), value, 'PX', keptMs)).catch(rest);
    },
  };
}
