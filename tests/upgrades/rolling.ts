import path from 'node:path';
import type { Device } from '../faults/harness/device.ts';
import type { Scenario, Stage } from '../faults/harness/run-scenario.ts';
import { httpClient } from '../support/clients.ts';
import { environment } from '../support/environment.ts';
import { runCommand } from '../support/spawned-command.ts';
import { judgeSends } from './judge-sends.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** A stop takes at most so long (docs/guides/operate.md). */
const EXIT_MS = 15_000;
/** Each state of the deployment is used for so long: old alone, old on the new schema, both, new alone. */
const STATE_MS = 8_000;

/** Nodes of an earlier checkout are replaced by this one, as docs/guides/operate.md says, while people use them. */
export const rollingUpgrade: Scenario = {
  name: 'rolling upgrade',
  async disturb(stage) {
    const { nodes, database, recorder, lasting, caughtUp, measure, finding, traffic } = stage;
    await lasting(STATE_MS);
    await runCommand(['upgrade', '--check'], { root: ROOT, env: environment({ database }) });
    measure('migration under load', await timed(() => runCommand(['migrate'], { root: ROOT, env: environment({ database }) })));
    await lasting(STATE_MS);
    for (const [at, node] of nodes.entries()) {
      measure(`exit of node ${at + 1} after SIGTERM`, await timed(() => node.end('SIGTERM')), EXIT_MS);
      await node.start(ROOT);
      measure('everybody complete once the node is back', await caughtUp());
      await lasting(STATE_MS);
    }
    await traffic.stop();
    const { findings, longestMs } = judgeSends(recorder);
    for (const what of findings) finding(what);
    measure('longest wait of a send', longestMs);
    await requireSignedIn(stage);
  },
};

/** By the new nodes, each session is taken for what it was, and renewed. */
async function requireSignedIn({ devices, nodes, finding }: Stage): Promise<void> {
  const ask = async ({ client, person, home }: Device) => {
    const url = nodes[home]?.url ?? nodes[0].url;
    const { status } = await httpClient(url, { token: person.accessToken }).call('GET', '/api/v1/auth/me');
    if (status !== 200) finding(`${client} is signed out: ${status}`);
    const renewed = await httpClient(url).call('POST', '/api/v1/auth/refresh', { refreshToken: person.refreshToken });
    if (renewed.status !== 200) finding(`${client} cannot renew its session: ${renewed.status} ${JSON.stringify(renewed.body)}`);
  };
  for (const device of devices) await ask(device);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
