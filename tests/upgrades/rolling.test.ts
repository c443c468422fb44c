import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runScenario } from '../faults/harness/run-scenario.ts';
import { type Services, startServices } from '../faults/harness/services.ts';
import { rollingUpgrade } from './rolling.ts';

/** `pnpm upgrade:rolling` from this version to itself, with few clients: what it finds in an earlier one is no fault of its own. */

let services: Services;
beforeAll(async () => {
  services = await startServices();
});
afterAll(() => services?.stop());

it('replaces both nodes in turn, and finds nothing', async () => {
  const root = path.resolve(import.meta.dirname, '../..');
  const { report } = await runScenario(rollingUpgrade, { services, seed: 1, clients: 8, pauseMs: 250, scale: 0.1, root });
  expect(report.findings).toEqual([]);
  expect(report.measures.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['exit of node 2 after SIGTERM', 'longest wait of a send']),
  );
  expect(report.messages).toBeGreaterThan(0);
  expect(report.connects).toBeGreaterThan(8);
}, 300_000);
