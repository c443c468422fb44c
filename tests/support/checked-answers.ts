import { type CachedAnswersOptions, createCachedAnswers } from '@coucou/application/kernel/cached-answers';
import type { AnswerCached } from '@coucou/application/kernel/execute';
import { isSame } from '@coucou/domain/kernel/same';
import type { Payload } from './event-log.ts';

/** What sealing the same place twice answers differently is left out. */
const comparable = (body: unknown): Payload => {
  const { nextCursor, ...rest }: Payload = JSON.parse(JSON.stringify(body));
  return { ...rest, ...(nextCursor !== undefined && { hasNext: nextCursor !== null }) };
};

/**
 * Cached answers of which each is compared with what the database says: every test that reads something twice is a test of its validator. Not
 * where others write in between.
 */
export function checkedAnswers(options: Omit<CachedAnswersOptions, 'edition'>): AnswerCached {
  const cached = createCachedAnswers({ ...options, edition: 'a test' });
  return async (ready, input, call, perform) => {
    const validator = await ready.validate(input, call);
    const answered = await cached(ready, input, call, perform);
    if (answered.tagged?.text === undefined) return answered;
    const [kept, fresh] = [comparable(answered.body), comparable((await perform(call)).body)];
    if (validator !== undefined && validator === (await ready.validate(input, call)) && !isSame(kept, fresh))
      throw new Error(
        `${ready.operation.name} is cached as ${JSON.stringify(kept)}, and is ${JSON.stringify(fresh)}: its validator lacks something`,
      );
    return answered;
  };
}
