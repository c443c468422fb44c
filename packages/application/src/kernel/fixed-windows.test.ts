import { expect, it } from 'vitest';
import { createFixedWindows } from './fixed-windows.ts';

const rule = { name: 'guess', limit: 3, windowSeconds: 60 };

it('forgets windows that have ended, without a timer', () => {
  let now = 0;
  const windows = createFixedWindows(() => now);
  for (let at = 0; at < 1_000; at += 1) windows.take(String(at), rule);
  now = 60_000;
  windows.take('later', rule);
  expect(windows.size()).toBe(1);
});

it('knows what was counted here until it was reported', () => {
  const windows = createFixedWindows(() => 0);
  windows.set('a', 1, 5_000);
  expect(windows.tell('a')).toBeUndefined();
  windows.take('a', rule);
  windows.take('a', rule);
  windows.giveBack('a');
  const untold = { own: 1, count: 2, msLeft: 5_000 };
  expect(windows.tell('a')).toEqual(untold);
  expect(windows.tell('a')).toBeUndefined();
  windows.untell('a', untold);
  windows.set('a', 3, 4_000);
  expect(windows.take('a', rule)).toEqual({ isTaken: false, msLeft: 4_000 });
  expect(windows.tell('a')).toEqual({ own: 1, count: 3, msLeft: 4_000 });
  windows.untellAll();
  expect(windows.tell('a')).toEqual({ own: 0, count: 3, msLeft: 4_000 });
  windows.set('a', 0, -2);
  expect(windows.size()).toBe(0);
});
