import { metrics as catalogue } from '@coucou/application/metrics/catalogue';
import type { AnswerCache, AnswerKey } from '@coucou/application/ports/answer-cache';
import type { Metrics } from '@coucou/application/ports/metrics';
import { LRUCache } from 'lru-cache';

export type AnswerCacheOptions = Readonly<{
  /** Bytes of all answers, a character counted as two. */
  mostBytes: number;
  metrics: Metrics;
  /** How long an answer is kept at most; default 60 s. */
  keptMs?: number;
}>;

const KEPT_MS = 60_000;

type Kept = Readonly<{ operation: string; validator: string; answer: string }>;

const placeOf = ({ account, operation, slot }: AnswerKey): string => `${account} ${operation} ${slot}`;
const bytesOf = ({ answer, validator }: Kept, place: string): number => 2 * (answer.length + validator.length + place.length);

/** In the memory of one process; what was not asked for longest makes room. One answer is kept for each slot: the last. */
export function createAnswerCache({ mostBytes, metrics, keptMs = KEPT_MS }: AnswerCacheOptions): AnswerCache {
  const bytes = new Map<string, number>();
  const kept = new LRUCache<string, Kept>({
    maxSize: mostBytes,
    sizeCalculation: bytesOf,
    ttl: keptMs,
    ttlAutopurge: false,
    onInsert: (value, place) => void bytes.set(value.operation, (bytes.get(value.operation) ?? 0) + bytesOf(value, place)),
    dispose: (value, place) => void bytes.set(value.operation, (bytes.get(value.operation) ?? 0) - bytesOf(value, place)),
  });
  metrics.gauge(catalogue.cacheBytes, () => [...bytes].map(([operation, value]) => ({ labels: { operation }, value })));
  return {
    async get(key) {
      const found = kept.get(placeOf(key));
      return found?.validator === key.validator ? found.answer : undefined;
    },
    put(key, answer) {
      const { operation, validator } = key;
      kept.set(placeOf(key), { operation, validator, answer });
    },
  };
}
