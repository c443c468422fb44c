import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { Daemon } from '../support/daemon.ts';
import { findBinary, freePort, privateDirectory } from '../support/machine.ts';

/** `value` as Prometheus writes it: a number, `NaN` or `+Inf`. */
export type Series = Readonly<{ metric: Readonly<Record<string, string>>; values: readonly (readonly [number, string])[] }>;

export type Prometheus = Readonly<{
  url: string;
  /** Names and severities of the alerts that fire, as `CoucouNodeDown, page`. */
  firing: () => Promise<ReadonlySet<string>>;
  /** The series of a query at this moment, each with one value. */
  query: (expr: string) => Promise<readonly Series[]>;
  /** The series of a query since a moment (milliseconds), a value for each step (seconds). */
  since: (expr: string, fromMs: number, step: number) => Promise<readonly Series[]>;
  /** The rules that could not be evaluated, and why. */
  failures: () => Promise<readonly string[]>;
  stop: () => Promise<void>;
}>;

export type PrometheusOptions = Readonly<{
  /** Addresses of `/metrics`. */ targets: readonly string[] /** A file of rules. */;
  rules: string;
}>;

/** Directory of Debian's package. */
export const prometheusBinaries = (): string | undefined => findBinary('prometheus', ['/usr/bin', '/usr/local/bin']);

/** A real Prometheus that reads the targets every second, and evaluates the rules as often. */
export async function startPrometheus({ targets, rules }: PrometheusOptions): Promise<Prometheus> {
  const binaries = prometheusBinaries();
  if (binaries === undefined) throw new Error('Prometheus is not installed (Debian: prometheus)');
  const directory = await privateDirectory('prometheus');
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yml'],
    scrape_configs: [{ job_name: 'coucou', static_configs: [{ targets: targets.map((target) => new URL(target).host) }] }],
  };
  await writeFile(path.join(directory, 'prometheus.yml'), stringify(config));
  await writeFile(path.join(directory, 'rules.yml'), rules);
  const url = `http://127.0.0.1:${await freePort()}`;
  const daemon = new Daemon({
    name: 'Prometheus',
    directory,
    command: path.join(binaries, 'prometheus'),
    args: () => [
      `--config.file=${directory}/prometheus.yml`,
      `--storage.tsdb.path=${directory}/data`,
      `--web.listen-address=${new URL(url).host}`,
      // Series that ended are not shown for five minutes more.
      '--query.lookback-delta=3s',
    ],
    env: process.env,
    isReady: (line) => line.includes('Server is ready to receive web requests'),
    readyWithinMs: 20_000,
    stopSignal: 'SIGKILL',
  });
  try {
    await daemon.start();
  } catch (error) {
    await daemon.stop();
    throw error;
  }

  async function ask<T>(api: string, parameters: Readonly<Record<string, string>> = {}): Promise<T> {
    const response = await fetch(`${url}/api/v1/${api}`, { method: 'POST', body: new URLSearchParams(parameters) });
    const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
    if (status !== 'success') throw new Error(`${api} of ${JSON.stringify(parameters)}: ${error}`);
    return data;
  }
  const get = async <T>(api: string): Promise<T> => ((await (await fetch(`${url}/api/v1/${api}`)).json()) as { data: T }).data;

  return {
    url,
    async firing() {
      const { alerts } = await get<{ alerts: readonly { state: string; labels: { alertname: string; severity: string } }[] }>('alerts');
      return new Set(alerts.filter(({ state }) => state === 'firing').map(({ labels }) => `${labels.alertname}, ${labels.severity}`));
    },
    async query(expr) {
      const { result } = await ask<{ result: readonly { metric: Series['metric']; value: readonly [number, string] }[] }>('query', {
        query: expr,
      });
      return result.map(({ metric, value }) => ({ metric, values: [value] }));
    },
    async since(expr, fromMs, step) {
      const range = { query: expr, start: String(fromMs / 1_000), end: String(Date.now() / 1_000), step: String(step) };
      return (await ask<{ result: readonly Series[] }>('query_range', range)).result;
    },
    async failures() {
      const { groups } = await get<{ groups: readonly { rules: readonly { name: string; health: string; lastError?: string }[] }[] }>(
        'rules',
      );
      return groups.flatMap(({ rules: all }) =>
        all.filter(({ health }) => health === 'err').map(({ name, lastError }) => `${name}: ${lastError}`),
      );
    },
    stop: () => daemon.stop(),
  };
}
