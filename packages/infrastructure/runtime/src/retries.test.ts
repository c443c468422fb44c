import { errors } from '@coucou/domain/kernel/errors';
import { expect, it } from 'vitest';
import { createRetries } from './retries.ts';

/** Work that fails until `mend`, and notes its name when it is done. */
function deeds() {
  const done: string[] = [];
  let isAway = true;
  const tried = Promise.withResolvers<void>();
  const work = (name: string) => async () => {
    tried.resolve();
    if (isAway) throw errors.SERVICE_UNAVAILABLE();
    done.push(name);
  };
  return { done, work, tried: tried.promise, mend: () => void (isAway = false) };
}

it('tries what failed because something is away until it is there, and of one key only the newest', async () => {
  const { done, work, tried, mend } = deeds();
  const retry = createRetries(new AbortController().signal);
  const all = [retry('alice', work('alice online')), retry('bob', work('bob online')), retry('alice', work('alice offline'))];
  await tried;
  mend();
  await Promise.all(all);
  expect(done.toSorted()).toEqual(['alice offline', 'bob online']);
});

it('fails with what another attempt would not change', async () => {
  const retry = createRetries(new AbortController().signal);
  await expect(retry('alice', () => Promise.reject(errors.FORBIDDEN()))).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

it('tries once more when it is ended, and fails with what that says', async () => {
  const { done, work, tried } = deeds();
  const ending = new AbortController();
  const retried = createRetries(ending.signal)('alice', work('alice online'));
  await tried;
  ending.abort();
  await expect(retried).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
  expect(done).toEqual([]);
});
