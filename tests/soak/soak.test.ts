import path from 'node:path';
import { expect, it } from 'vitest';
import { runSoak } from './run-soak.ts';

/** That a run finds what is kept: nodes with planted leaks. That one without finds nothing is what `pnpm soak` says. */

const leak = path.resolve(import.meta.dirname, 'leak.mjs');

it('nodes that keep memory, timers and descriptors are found out', { timeout: 600_000 }, async () => {
  const { findings, judged, done } = await runSoak({ minutes: 0.5, clients: 4, pauseMs: 200, seed: 1, preload: leak });
  for (const node of [1, 2])
    for (const figure of ['heapMiB', 'timers', 'descriptors'])
      expect(findings).toContainEqual(expect.stringMatching(new RegExp(`^node ${node}: ${figure} ends at`)));
  // What is found is the leak: the load itself went well.
  expect(findings.filter((what) => !what.startsWith('node '))).toEqual([]);
  expect(judged.messages).toBeGreaterThan(0);
  expect(Object.values(done).every((times) => times > 0)).toBe(true);
});
