import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Daemon } from './daemon.ts';
import { findBinary, freePort, privateDirectory, startOnFreePort } from './machine.ts';
import { until } from './until.ts';

/** Of the machine; Debian: apt-get install haproxy. */
export const findHaproxy = (): string | undefined => findBinary('haproxy', ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin']);

export type HaproxyOptions = Readonly<{
  /** Directory of the binary. */
  binaries: string;
  /** URLs of the nodes. */
  nodes: readonly string[];
  /** Whether a client stays with its node, by a cookie: what long polling needs. */
  isSticky: boolean;
  /** What the configuration reads from the environment. */
  env?: Readonly<{ TLS_CERTIFICATE?: string; FILES_HOST?: string }>;
  /** Host and port of the store of files. */
  store?: string;
}>;

export type Haproxy = Readonly<{
  url: string;
  /** Where the TLS of `TLS_CERTIFICATE` listens. */
  tlsPort: number;
  metricsUrl: string;
  /** What it wrote, its log included. */
  lines: readonly string[];
  stop: () => Promise<void>;
}>;

/** A load balancer before several nodes, which takes out those that are not ready. Each answer says in `x-node` who gave it. */
export async function startHaproxy({ binaries, env, ...options }: HaproxyOptions): Promise<Haproxy> {
  const directory = await privateDirectory('haproxy');
  const file = path.join(directory, 'haproxy.cfg');
  let port = 0;
  const daemon = new Daemon({
    name: 'haproxy',
    directory,
    command: path.join(binaries, 'haproxy'),
    args: () => ['-db', '-V', '-f', file],
    env: { ...process.env, TLS_CERTIFICATE: '', FILES_HOST: '', ...env },
    isReady: (line) => line.includes('polling mechanism'),
    readyWithinMs: 20_000,
    stopSignal: 'SIGKILL',
  });
  const [tlsPort, metricsPort] = [await freePort(), await freePort()];
  await startOnFreePort(daemon, (chosen) => {
    port = chosen;
    writeFileSync(file, configuration({ ports: [port, tlsPort, metricsPort], ...options }));
  });
  const url = `http://127.0.0.1:${port}`;
  // It says that it is ready before it listens.
  const answers = () =>
    fetch(url, { redirect: 'manual' }).then(
      () => true,
      () => false,
    );
  await until(answers, { what: 'haproxy to listen' });
  return { url, tlsPort, metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`, lines: daemon.lines, stop: () => daemon.stop() };
}

const shipped = readFileSync(path.join(import.meta.dirname, '../../deploy/haproxy/haproxy.cfg'), 'utf8');

/** The configuration that is shipped, with what cannot be the same here: addresses, and nodes that the DNS of Docker would name. */
function configuration({ ports, nodes, isSticky, store }: Omit<HaproxyOptions, 'binaries'> & { ports: readonly number[] }): string {
  const servers = nodes.map((url, at) => `  server node-${at + 1} ${new URL(url).host}`).join('\n');
  const left = [...ports];
  const written = shipped
    .replaceAll(/(?<=^\s*bind ):\d+/gm, () => `127.0.0.1:${left.shift()}`)
    .replaceAll(/^ {2}server-template .*$/gm, `${servers}\n  http-response set-header x-node %s`)
    .replaceAll(/ resolvers docker resolve-prefer ipv4 init-addr none$/gm, '')
    .replace(/(?<=^ {2}server store )\S+/m, store ?? '127.0.0.1:1');
  return isSticky ? written : written.replace(/^ {2}cookie .*$/m, '');
}
