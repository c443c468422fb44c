import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Instance } from '../support/instance.ts';
import { findBinary, freePort, nodeEnvironment, privateDirectory } from '../support/machine.ts';
import { startPostgres, startRedis } from '../support/services.ts';

/** The page "two nodes on one machine", command by command, with addresses that are free here and services of its own. */

const root = path.resolve(import.meta.dirname, '../..');
const needed = ['haproxy', 'prometheus', 'promtool', 'curl'];
const missing = needed.filter((name) => findBinary(name, ['/usr/sbin', '/usr/bin']) === undefined);
if (missing.length > 0) console.log(`NOT RUN: the page "two nodes on one machine" (${missing.join(', ')} not on this machine)`);

/** Those of the page that listen here. */
const LISTENING = ['3000', '3001', '3002', '3443', '8404', '9090', '9464', '9465'];

describe.runIf(missing.length === 0)('the guide "two nodes on one machine"', () => {
  let postgres: Instance;
  let redis: Instance;
  let directory: string;
  let ports: Map<string, string>;
  beforeAll(async () => {
    [postgres, redis, directory] = await Promise.all([startPostgres(), startRedis(), privateDirectory('two-nodes')]);
    await Promise.all(['deploy', 'docs'].map((name) => symlink(path.join(root, name), path.join(directory, name))));
    await mkdir(path.join(directory, 'secrets'));
    ports = new Map([
      ['5432', new URL(postgres.url).port],
      ['6379', new URL(redis.url).port],
    ]);
    for (const port of LISTENING) ports.set(port, String(await freePort()));
  });
  afterAll(async () => {
    await postgres?.stop();
    await redis?.stop();
  });

  /** The page as a script: its blocks in order, with the addresses and programs of this machine. */
  async function script(): Promise<string> {
    const page = await readFile(path.join(root, 'docs/guides/two-nodes.md'), 'utf8');
    const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
    const toLocal = (line: string) =>
      line
        .replaceAll(/(?<=[:=])(\d{4})\b/g, (port) => ports.get(port) ?? port)
        // The machine may be busy with other tests.
        .replaceAll('--p99 1000', '--p99 60000')
        // Those of this test alone.
        .replace('pkill -f apps/server/start.mjs', 'kill %1 %2')
        .replace(/^while pgrep .*$/m, 'while [ -n "$(jobs -r %1 %2 2> /dev/null)" ]; do sleep 0.2; done')
        .replace('pkill -f local/haproxy.cfg', 'kill %3')
        .replace('pkill -f local/prometheus.yml', 'kill %4')
        .replaceAll('sudo -u postgres psql', `psql '${postgres.url}'`)
        .replaceAll(/npx -y pnpm@12 (start|cli)/g, (_, name: string) => `'${process.execPath}' '${root}/apps/server/${name}.mjs'`)
        .replaceAll('/usr/sbin/haproxy', 'haproxy')
        // It asks no DNS of Docker, and binds what the configuration that is shipped names.
        .replaceAll(/(?<=deploy\/haproxy\/haproxy\.cfg)(?= >)/g, ` | sed -E ${binds()}`);
    return ['set -eu', "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT", ...blocks.map(toLocal)].join('\n');
  }
  const binds = () => ['3000', '3443', '8404'].map((port) => `-e 's/^( +bind ):${port}/\\1127.0.0.1:${ports.get(port)}/'`).join(' ');

  it('does what it says', { timeout: 240_000 }, async () => {
    const child = spawn('bash', ['-c', await script()], {
      cwd: directory,
      env: {
        ...nodeEnvironment(),
        PATH: `${process.env['PATH']}:/usr/sbin`,
        HOME: directory,
        COUCOU_ENV_FILE: path.join(directory, 'secrets/.env'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [[code], stdout, stderr] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
    const logs = await Promise.all(
      ['node-1', 'node-2', 'haproxy', 'prometheus'].map(async (name) =>
        readFile(path.join(directory, `local/${name}.log`), 'utf8').catch(() => ''),
      ),
    );
    if (code !== 0) throw new Error([`the page ended with ${code}`, stdout, stderr, ...logs].join('\n'));
    expect(stdout).toMatch(/✔/);
    expect(stdout).not.toMatch(/✘/);
    // Both nodes are scraped.
    expect(stdout.match(/^up\{.*\} => 1 /gm)).toHaveLength(2);
    for (const log of logs.slice(0, 2)) {
      expect(log).toContain('"msg":"stopped"');
      expect(log).not.toContain('"level":"error"');
    }
  });
});
