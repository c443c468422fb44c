import { afterAll, beforeAll, expect, it } from 'vitest';
import { runScenario } from './harness/run-scenario.ts';
import { type Services, startServices } from './harness/services.ts';
import { scenarios } from './scenarios/all.ts';

/** The short scenarios of `pnpm faults`, one after the other on the same nodes and with few clients. Times are for a machine of one's own. */

let services: Services;
beforeAll(async () => {
  services = await startServices();
});
afterAll(() => services?.stop());

// Killed last: clients stay where they went, and other scenarios need some at both nodes.
const short = scenarios.filter(({ inSmoke }) => inSmoke === true).toReversed();

it('nothing is lost, doubled, skipped, or told to whom it does not concern, whatever goes wrong', async () => {
  const all = {
    name: short.map(({ name }) => name).join(', '),
    disturb: async (stage) => {
      for (const { disturb } of short) await disturb(stage);
    },
  } satisfies (typeof scenarios)[number];
  const { report } = await runScenario(all, { services, seed: 1, clients: 8, pauseMs: 250, scale: 0.15 });
  expect(report.findings).toEqual([]);
  expect(report.attempts.unknown).toBeGreaterThan(0);
  expect(report.messages).toBeGreaterThan(0);
}, 300_000);
