import { metrics as catalogue } from '../metrics/catalogue.ts';
import type { AnswerCache, AnswerKey } from '../ports/answer-cache.ts';
import { FileUrls, type SignFile } from '../ports/file-urls.ts';
import { type Counter, Metrics } from '../ports/metrics.ts';
import { RequestDigests } from '../ports/request-digests.ts';
import type { Call, UserCall } from './call.ts';
import { type AnswerCached, type Executed, NOT_MODIFIED } from './execute.ts';
import { filePlaceholders } from './file-placeholders.ts';
import type { Ports } from './token.ts';

export const cachedAnswerPorts = { digests: RequestDigests, fileUrls: FileUrls, metrics: Metrics };

export type CachedAnswersOptions = Ports<typeof cachedAnswerPorts> &
  Readonly<{
    /** The nearest first. */
    caches: readonly AnswerCache[];
    /** Differs where the same rows may be answered differently: of another life of the database, by another version of the server. */
    edition: string;
  }>;

const OUTCOMES = ['held', 'near', 'far', 'joined', 'made', 'bypassed'] as const;
type Count = Readonly<Record<(typeof OUTCOMES)[number], Counter>>;

/** UTF-16 code units of an answer; a longer one is not kept. */
const MOST_KEPT = 512 * 1_024;

/** Before every placeholder of a signed URL, so that an answer without files is known as such at a glance. */
const FILES = 'coucou-file-';

const NO_FILE: Parameters<SignFile>[0] = {
  id: '00000000-0000-0000-0000-000000000000' as Parameters<SignFile>[0]['id'],
  hasThumbnail: false,
};

/**
 * Cache-aside in front of an operation. Each call first reads its validator from the database, and an answer is kept under the validator that was
 * read before it was made: so what is answered is never older than the database was when the call came, whatever a cache, a bus or another
 * node has missed, and who may not have an answer is found out before any cache is asked. Equal calls that come while one makes the answer
 * share it. What makes an answer throws is thrown and never kept.
 */
export function createCachedAnswers({ caches, edition, digests, fileUrls, metrics }: CachedAnswersOptions): AnswerCached {
  const making = new Map<string, Promise<string>>();
  const counts = new Map<string, Count>();

  function countOf(operation: string): Count {
    let count = counts.get(operation);
    if (count === undefined) {
      const series = OUTCOMES.map((outcome) => [outcome, metrics.counter(catalogue.cachedAnswers, { operation, outcome })]);
      count = Object.fromEntries(series) as Count;
      counts.set(operation, count);
    }
    return count;
  }

  async function find(key: AnswerKey, count: Count): Promise<string | undefined> {
    for (const [at, cache] of caches.entries()) {
      const answer = await cache.get(key);
      if (answer === undefined) continue;
      for (const nearer of caches.slice(0, at)) nearer.put(key, answer);
      count[at === 0 ? 'near' : 'far'].add();
      return answer;
    }
    return undefined;
  }

  return async (ready, input, call, perform) => {
    const { name: operation } = ready.operation;
    const count = countOf(operation);
    const validator = call.actor === undefined ? undefined : await ready.validate(input, call);
    if (validator === undefined) {
      count.bypassed.add();
      return perform(call);
    }
    const { account, actor } = call as UserCall;
    const key = { account, operation, slot: JSON.stringify([actor.userId, input]), validator: `${edition} ${validator}` };
    const sign = fileUrls.signerFor(call as UserCall);
    // A signed URL is of one session and for minutes: with the URL of some file in it, a tag lives no longer than the URLs of its answer.
    const tag = digests.fingerprint(['answer', key.account, key.operation, key.slot, key.validator, sign(NO_FILE).url]).slice(0, 32);
    const etag = `W/"${tag}"`;
    if (call.holds?.(etag) === true) {
      count.held.add();
      return { status: NOT_MODIFIED, body: undefined, tagged: { etag } };
    }

    const files = () => filePlaceholders(`${FILES}${digests.fingerprint(['files', account, actor.userId])}`);
    const make = async (as: Call): Promise<string> => {
      const { body } = await perform({ ...as, placeholders: files().sign });
      return JSON.stringify(body);
    };
    async function kept(): Promise<string> {
      const found = await find(key, count);
      if (found !== undefined) return found;
      count.made.add();
      const answer = await make(call);
      if (answer.length <= MOST_KEPT) for (const cache of caches) cache.put(key, answer);
      return answer;
    }

    const flight = JSON.stringify([key.account, key.operation, key.slot, key.validator]);
    const other = making.get(flight);
    let answer: string;
    if (other === undefined) {
      const own = kept();
      making.set(flight, own);
      try {
        answer = await own;
      } finally {
        making.delete(flight);
      }
    } else {
      count.joined.add();
      // Whoever makes it may fail for a reason of their own, such as a connection that is gone.
      answer = await other.catch(() => make(call));
    }
    return answered(answer.includes(`"${FILES}`) ? files().fill(answer, sign) : answer, etag);
  };
}

/** Over a socket the body is wanted, over HTTP its text. */
const answered = (text: string, etag: string): Executed => ({
  status: 200,
  get body() {
    return JSON.parse(text) as unknown;
  },
  tagged: { etag, text },
});
