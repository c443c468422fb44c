import { randomUUID } from 'node:crypto';
import type { AnswerCache, AnswerKey } from '@coucou/application/ports/answer-cache';
import { asId } from '@coucou/domain/kernel/ids';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';

export type CacheUnderTest = Readonly<{
  /** Of one node, or of two that share it. */
  nodes: readonly AnswerCache[];
  close(): Promise<void>;
}>;

/** For how long answers are kept in the suite. */
export const KEPT_MS = 400;

export const newKey = (more: Partial<AnswerKey> = {}): AnswerKey => ({
  account: asId<'account'>(randomUUID()),
  operation: 'conversations.list',
  slot: JSON.stringify([randomUUID(), { limit: 50 }]),
  validator: randomUUID(),
  ...more,
});

/** When the answer is there, which nobody is told. */
export const untilKept = (cache: AnswerCache, key: AnswerKey, answer: string): Promise<unknown> =>
  until(async () => (await cache.get(key)) === answer, { what: 'the answer to be kept' });

/** What every cache does. It may forget: what the suite waits for are answers that were put a moment ago. */
export function answerCacheSuite(name: string, open: () => Promise<CacheUnderTest>): void {
  describe(`the cache of answers: ${name}`, () => {
    let under: CacheUnderTest;
    let one: AnswerCache;
    let other: AnswerCache;
    beforeAll(async () => {
      under = await open();
      one = under.nodes[0] as AnswerCache;
      other = under.nodes.at(-1) as AnswerCache;
    });
    afterAll(() => under.close());

    it.each([
      ['short', '{}'],
      ['in any script', JSON.stringify({ text: 'né à 東京 😀 \u2028 \u0000 "', half: '\\ud800' })],
      ['long', JSON.stringify({ text: 'x'.repeat(200_000) })],
    ])('keeps an answer as it is: %s', async (_, answer) => {
      const key = newKey();
      expect(await one.get(key)).toBeUndefined();
      one.put(key, answer);
      await untilKept(other, key, answer);
    });

    it.each([
      ['of another account, with the same ids', (key: AnswerKey) => ({ ...key, account: newKey().account })],
      ['of another operation', (key: AnswerKey) => ({ ...key, operation: 'messages.list' })],
      ['of another caller or input', (key: AnswerKey) => ({ ...key, slot: `${key.slot} ` })],
      ['as of another time', (key: AnswerKey) => ({ ...key, validator: `${key.validator} ` })],
      [
        'whose parts only look the same together',
        ({ operation, slot, ...key }: AnswerKey) => ({ ...key, operation: `${operation} ${slot}`, slot: '' }),
      ],
    ])('answers nothing %s', async (_, changed) => {
      const key = newKey();
      one.put(key, '{"secret":1}');
      await untilKept(other, key, '{"secret":1}');
      for (const node of under.nodes) expect(await node.get(changed(key))).toBeUndefined();
    });

    it('keeps the last answer of a slot', async () => {
      const key = newKey();
      const later = { ...key, validator: randomUUID() };
      one.put(key, '"before"');
      await untilKept(one, key, '"before"');
      one.put(later, '"after"');
      await untilKept(one, later, '"after"');
      expect(await one.get(key)).toBeUndefined();
    });

    it('forgets by itself, however often it is asked', async () => {
      const key = newKey();
      one.put(key, '"a deleted text"');
      await untilKept(one, key, '"a deleted text"');
      expect(await until(async () => (await one.get(key)) === undefined, { what: 'the answer to be forgotten' })).toBe(true);
    });
  });
}
