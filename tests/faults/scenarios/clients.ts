import { plainClient } from '../../support/clients.ts';
import { signUp } from '../../support/people.ts';
import { withDeadline } from '../../support/until.ts';
import type { Scenario, Stage } from '../harness/run-scenario.ts';

/** What happens to the clients. */

/** Sockets of a storm for each device that sends: 2,000 beside fifty. */
const STORM = 40;

/** Everybody at once, as after a proxy went: people of whom nobody is told, so that what is measured is connecting. */
async function storm({ nodes, devices, measure, lasting, random }: Stage): Promise<void> {
  const people = await Promise.all(nodes.map(({ url }) => signUp(url, 'storm')));
  const connect = () =>
    Promise.all(
      Array.from({ length: devices.length * STORM }, async (_, at) => {
        for (;;) {
          const socket = plainClient(nodes[at % nodes.length]?.url ?? '', { token: people[at % people.length]?.accessToken ?? '' });
          try {
            await socket.connect();
            return socket;
          } catch {
            // Refused under load, or too slow: again, as clients do.
            await lasting(500 + 500 * random());
          }
        }
      }),
    );
  const sockets = await connect();
  for (const { socket } of sockets) socket.terminate();
  await Promise.all(devices.map((device) => device.leave()));
  const begun = performance.now();
  devices.forEach((device) => device.back());
  const again = await connect();
  measure(`${again.length} sockets connected again`, performance.now() - begun);
  for (const { socket } of again) socket.terminate();
}

export const clientScenarios: readonly Scenario[] = [
  {
    name: 'slow readers',
    async disturb({ devices, lasting, caughtUp, measure }) {
      const stalled = devices.flatMap((device) => {
        const socket = device.socket()?.socket;
        return socket !== undefined && 'pause' in socket && device.home === 0 ? [socket] : [];
      });
      for (const socket of stalled) socket.pause();
      await lasting(12_000);
      for (const socket of stalled) socket.resume();
      measure('everybody complete once they read again', await caughtUp());
    },
  },
  {
    name: 'half-open peers: what they and a node send each other is swallowed for 15 s',
    isFronted: true,
    async disturb({ nodes: [, { front }], lasting, caughtUp, measure }) {
      front?.swallow();
      await lasting(15_000);
      front?.mend();
      measure('everybody complete once they are back', await caughtUp());
    },
  },
  {
    name: 'half-closed connections of clients',
    isFronted: true,
    async disturb({ nodes, lasting, caughtUp, measure }) {
      for (const { front } of nodes) {
        front?.halfClose();
        await lasting(2_000);
      }
      measure('everybody complete once they are back', await caughtUp());
    },
  },
  {
    name: 'reconnect storm',
    async disturb(stage) {
      await withDeadline(storm(stage), { timeoutMs: 240_000, what: 'the storm' });
      stage.measure('everybody complete', await stage.caughtUp());
    },
  },
  {
    name: 'clients away for 2,000 messages',
    async disturb({ devices, groups, caughtUp, measure, scaled }) {
      const everyone = groups[0] ?? '';
      const away = devices.filter((_, at) => at % 4 === 3);
      await Promise.all(away.map((device) => device.leave()));
      const senders = devices.filter((device) => !away.includes(device)).slice(0, 8);
      const each = Math.ceil(scaled(2_000) / senders.length);
      await Promise.all(
        senders.map(async (device) => {
          for (let at = 0; at < each; at += 1)
            await device.send(everyone, `${device.client} while they are away ${at}`, new AbortController().signal);
        }),
      );
      away.forEach((device) => device.back());
      measure('everybody complete once they are back', await caughtUp());
    },
  },
];
