import path from 'node:path';
import type { Scenario } from '../harness/run-scenario.ts';
import { isAppend } from './statements.ts';

/** What happens to the nodes. */

const SKEW = path.resolve(import.meta.dirname, '../harness/clock-skew.mjs');
const HOUR_MS = 3_600_000;
/** Nodes compare heads within this time. */
const HEADS_MS = 30_000;

const skewed = (name: string, ms: number): Scenario => ({
  name,
  // Tokens that live longer than that, or nobody could use the node.
  envOf: (node) => ({
    ACCESS_TOKEN_TTL: '14400',
    ...(node === 1 && { NODE_OPTIONS: `--import ${SKEW}`, CLOCK_SKEW_MS: String(ms) }),
  }),
  async disturb({ nodes, devices, recorder, lasting, caughtUp, measure, finding }) {
    await lasting(HEADS_MS + 10_000);
    const off = nodes.map(({ app }) => Number(new Date(app.logs().at(-1)?.time)) - Date.now());
    if (Math.abs((off[1] ?? 0) - ms) > HOUR_MS / 2) finding(`the clock of the second node is off by ${off[1]} ms, which is none of this`);
    if (!devices.some((device) => device.node() === 1)) finding('nobody stays at the node with the other clock');
    if (!recorder.attempts.some(({ node, outcome }) => node === 1 && outcome === 'ok'))
      finding('the node with the other clock stored nothing');
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
