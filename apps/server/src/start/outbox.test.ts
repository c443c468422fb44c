import { expect, it } from 'vitest';
import { outboxCheck } from './outbox.ts';

it('says in the readiness how far behind side effects are, and how many were given up', async () => {
  const check = (waiting: number, oldestSeconds: number, dead: number) =>
    outboxCheck({ lag: async () => ({ waiting, oldestSeconds, dead }) }).check();
  expect(await check(3, 0.2, 0)).toEqual({ status: 'up' });
  expect(await check(0, 0, 2)).toEqual({ status: 'up', detail: '2 dead letters: pnpm cli jobs list' });
  expect(await check(84_000, 71.4, 0)).toEqual({ status: 'degraded', detail: '84000 events wait, the oldest for 71 s' });
});
