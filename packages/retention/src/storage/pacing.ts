import { setTimeout as pause } from 'node:timers/promises';
import type { Pacing } from '../application/retention-repository.ts';

/** `load`: the share of the time that is worked, above 0 and up to 1. */
export const createPacing = (load: number): Pacing => ({
  async paced(work) {
    const began = performance.now();
    const done = await work();
    const rest = (performance.now() - began) * (1 / load - 1);
    if (rest > 0) await pause(rest);
    return done;
  },
});
