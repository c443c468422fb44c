import { expect, it } from 'vitest';
import type { Session, SessionPool } from '../kit/session.ts';
import { createPositions } from './positions.ts';

/** A primary that writes a byte whenever it is asked, and answers when the test lets it. */
function primary() {
  const waiting: (() => void)[] = [];
  let flushed = 0;
  const query = async (text: string) => {
    if (text.includes('as lineage')) return { rows: [{ lineage: 'one' }], rowCount: 1 };
    const answer = { flushed: String((flushed += 1)), inserted: '', running: [], next: '1' };
    await new Promise<void>((resolve) => void waiting.push(resolve));
    return { rows: [answer], rowCount: 1 };
  };
  const session = { query } as unknown as Session;
  const pool: SessionPool = { use: (work) => work(session), end: async () => {} };
  /** Answers the question that is under way, once there is one. */
  const answer = async () => {
    while (waiting.length === 0) await new Promise(setImmediate);
    waiting.shift()?.();
  };
  return { pool, answer };
}

it('answers those who ask together by one question, and none by a question that was under way', async () => {
  const { pool, answer } = primary();
  const ask = createPositions(pool);
  const [first, second] = [ask(), ask()];
  // The first question has been sent, and is not answered.
  await new Promise(setImmediate);
  const [third, fourth] = [ask(), ask()];
  await answer();
  expect([(await first).flushed, (await second).flushed]).toEqual(['1', '1']);
  await answer();
  expect([(await third).flushed, (await fourth).flushed]).toEqual(['2', '2']);
});

it('fails those who asked, and nobody after them', async () => {
  const { pool, answer } = primary();
  let isAway = true;
  const ask = createPositions({ ...pool, use: async (work) => (isAway ? Promise.reject(new Error('away')) : pool.use(work)) });
  const [first, second] = [ask(), ask()];
  await expect(first).rejects.toThrow('away');
  await expect(second).rejects.toThrow('away');
  isAway = false;
  const third = ask();
  await answer();
  expect((await third).flushed).toBe('1');
});
