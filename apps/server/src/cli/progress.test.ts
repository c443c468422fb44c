import { expect, it } from 'vitest';
import { lineOf, progressOn } from './progress.ts';

it('says how much is done, how fast, and how long the rest takes', () => {
  expect(lineOf('rows', 12_000, 48_000, 2)).toBe('[######------------------] 25 %  12,000 of 48,000 rows, 6,000/s, 6 s left');
  expect(lineOf('rows', 48_000, 48_000, 8)).toBe('[########################] 100 %  48,000 of 48,000 rows, 6,000/s, 0 s left');
  expect(lineOf('rows', 10, 72_010, 1)).toMatch(/, 2\.0 h left$/);
  expect(lineOf('rows', 10, 6_010, 1)).toMatch(/, 10 min left$/);
  expect(lineOf('files', 50, undefined, 2)).toBe('50 files, 25/s');
});

it('rewrites one line of a terminal, ten times a second at most, and erases it at the end', () => {
  const written: string[] = [];
  let now = 0;
  const bar = progressOn({ isTTY: true, columns: 60, write: (text) => written.push(text) }, () => now).of('rows', 100);
  for (now = 0; now < 300; now += 10) bar.add(1);
  bar.end();
  expect(written).toHaveLength(4);
  expect(written.every((text) => text.startsWith('\r\u001B[K') && text.length <= 4 + 59)).toBe(true);
  expect(written.at(-1)).toBe('\r\u001B[K');
});

it('writes nothing where there is no terminal', () => {
  const written: string[] = [];
  const bar = progressOn({ write: (text) => written.push(text) }).of('rows');
  bar.add(1);
  bar.end();
  expect(written).toEqual([]);
});
