import { expect, it } from 'vitest';
import { gather } from './gather.ts';

it('asks at once, and together for what comes meanwhile', async () => {
  const calls: (readonly number[])[] = [];
  const first = Promise.withResolvers<void>();
  const double = gather(async (items: readonly number[]) => {
    calls.push(items);
    if (calls.length === 1) await first.promise;
    return items.map((item) => item * 2);
  });
  const answers = [1, 2, 3].map(double);
  expect(calls).toEqual([[1]]);
  first.resolve();
  expect(await Promise.all(answers)).toEqual([2, 4, 6]);
  expect(calls).toEqual([[1], [2, 3]]);
});

it('fails for those that a call was made for, and for no others', async () => {
  const ask = gather(async (items: readonly string[]) => {
    if (items.includes('bad')) throw new Error('no');
    return items;
  });
  const ends = await Promise.allSettled(['good', 'bad', 'worse'].map(ask));
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  expect(await ask('good')).toBe('good');
});
