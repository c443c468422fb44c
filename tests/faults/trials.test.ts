import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Trial } from './trials/judge.ts';
import { openTrials, type Trials } from './trials/stage.ts';

/** A few of what `pnpm trials` does by the thousand. Its times are for a machine of one's own: here the longer bound holds with Redis too. */

const BOUND_MS = 5_000;

let all: Trials;
beforeAll(async () => {
  all = await openTrials({ seed: 1, circles: 3, ofEach: 3 });
});
afterAll(() => all?.close());

it.each([
  ['Redis up', async () => {}],
  ['Redis stopped', () => all.stopRedis()],
])('nothing reaches who was removed, or whose session was revoked, in the middle of sends: %s', async (_, prepare) => {
  await prepare();
  const { trials, findings } = await all.run(9, BOUND_MS);
  expect(findings).toEqual([]);
  const of = (kind: Trial['kind']) => trials.filter((trial) => trial.kind === kind).length;
  expect([of('removal'), of('revocation')]).toEqual([9, 9]);
});
