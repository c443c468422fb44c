import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Daemon } from './daemon.ts';
import { findBinary, privateDirectory, startOnFreePort } from './machine.ts';
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
}>;

/** A load balancer before several nodes, which takes out those that are not ready. Each answer says in `x-node` who gave it. */
export async function startHaproxy({
  binaries,
  nodes,
  isSticky,
}: HaproxyOptions): Promise<Readonly<{ url: string; stop: () => Promise<void> }>> {
  const directory = await privateDirectory('haproxy');
  const file = path.join(directory, 'haproxy.cfg');
  let port = 0;
  const daemon = new Daemon({
    name: 'haproxy',
    directory,
    command: path.join(binaries, 'haproxy'),
    args: () => ['-db', '-V', '-f', file],
    env: process.env,
    isReady: (line) => line.includes('polling mechanism'),
    readyWithinMs: 20_000,
    stopSignal: 'SIGKILL',
  });
  await startOnFreePort(daemon, (chosen) => {
    port = chosen;
    writeFileSync(file, configuration(port, nodes, isSticky));
  });
  const url = `http://127.0.0.1:${port}`;
  // It says that it is ready before it listens.
  const answers = () =>
    fetch(url).then(
      () => true,
      () => false,
    );
  await until(answers, { what: 'haproxy to listen' });
  return { url, stop: () => daemon.stop() };
}

const configuration = (port: number, nodes: readonly string[], isSticky: boolean): string => `
defaults
  mode http
  option forwardfor
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
frontend clients
  bind 127.0.0.1:${port}
  default_backend nodes
backend nodes
  balance roundrobin
  option httpchk GET /health/ready
  option redispatch
  http-response set-header x-node %s
  ${isSticky ? 'cookie node insert indirect nocache' : ''}
${nodes.map((url, at) => `  server node-${at + 1} ${new URL(url).host} check inter 500ms fall 1 rise 1 cookie node-${at + 1}`).join('\n')}
`;
