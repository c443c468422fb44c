import path from 'node:path';
import type { Scenario } from '../harness/run-scenario.ts';
import { isAppend } from './statements.ts';

/** What happens to the nodes. */

const SKEW = path.resolve(import.meta.dirname, '../harness/clock-skew.mjs');
const HOUR_MS = 3_600_000;

const skewed = (name: string, ms: number): Scenario => ({
  name,
  envOf: (node) => (node === 1 ? { NODE_OPTIONS: `--import ${SKEW}`, CLOCK_SKEW_MS: String(ms) } : {}),
  async disturb({ lasting, caughtUp, measure }) {
    await lasting(8_000);
    measure('everybody complete', await caughtUp());
  },
});

export const nodeScenarios: readonly Scenario[] = [
  {
    name: 'kill -9 of either node in turn',
    inSmoke: true,
    async disturb({ nodes, lasting, caughtUp, measure }) {
      for (const node of nodes) {
        await node.end('SIGKILL');
        await lasting(4_000);
        await node.start();
        measure('everybody complete once the node is back', await caughtUp());
      }
    },
  },
  {
    name: 'SIGSTOP for 15 s with an append held on its way to PostgreSQL',
    async disturb({ nodes: [, node], lasting, caughtUp, measure }) {
      await node.toPostgres.intercept((sent) => (isAppend(sent) ? 'hold' : undefined));
      await node.app.kill('SIGSTOP');
      await lasting(15_000);
      // Its clients have sent the same messages through the other node meanwhile; now the append arrives.
      node.toPostgres.release();
      await lasting(500);
      await node.app.kill('SIGCONT');
      measure('everybody complete once the node goes on', await caughtUp());
    },
  },
  {
    name: 'rolling restart',
    async disturb({ nodes, lasting, caughtUp, measure }) {
      for (const node of nodes) {
        const begun = performance.now();
        await node.end('SIGTERM');
        measure('exit after SIGTERM', performance.now() - begun, 15_000);
        await node.start();
        measure('everybody complete once the node is back', await caughtUp());
        await lasting(1_000);
      }
    },
  },
  skewed("a node's clock an hour ahead", HOUR_MS),
  skewed("a node's clock an hour behind", -HOUR_MS),
];
