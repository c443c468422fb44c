import { readdirSync, readFileSync } from 'node:fs';
import { percentile } from '@coucou/server/load/percentile';
import pg from 'pg';

export interface Spread {
  median: number;
  lowest: number;
  highest: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = sorted.length / 2;
  const median = sorted.length % 2 === 1 ? at(Math.floor(middle)) : (at(middle - 1) + at(middle)) / 2;
  return { median, lowest: at(0), highest: at(sorted.length - 1) };
}

export type Interval = Readonly<{ mean: number; low: number; high: number }>;

/** The geometric mean of ratios and its 95 % interval, by the normal approximation (20 rounds and more). */
export function interval(ratios: readonly number[]): Interval {
  const logs = ratios.map(Math.log);
  const mean = logs.reduce((sum, each) => sum + each, 0) / logs.length;
  const variance = logs.reduce((sum, each) => sum + (each - mean) ** 2, 0) / Math.max(1, logs.length - 1);
  const half = 1.96 * Math.sqrt(variance / logs.length);
  return { mean: Math.exp(mean), low: Math.exp(mean - half), high: Math.exp(mean + half) };
}

/** How far apart two measurements of the same thing are: 0.1 = ten per cent. */
export function drift(first: number, second: number): number {
  return Math.abs(first - second) / Math.min(first, second);
}

interface ProcessStat {
  name: string;
  parent: number;
  ticks: number;
  ticksOfEndedChildren: number;
}

/** Linux only. The kernel counts in hundredths of a second, wherever this runs (USER_HZ is part of its interface). */
const MICROS_PER_TICK = 10_000;

function processStat(pid: number): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name is in brackets and may itself hold brackets and spaces.
  const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const field = (number: number) => fields[number - 3] ?? 0;
  return { name, parent: field(4), ticks: field(14) + field(15), ticksOfEndedChildren: field(16) + field(17) };
}

/** Reads the processor time of a whole PostgreSQL server, backends that have ended included; undefined where it runs elsewhere. */
export async function postgresCpu(url: string): Promise<(() => number) | undefined> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const backend = processStat(rows[0]?.pid ?? 0);
  await client.end();
  // In a container or on another machine the number means nothing here, or another process.
  if (!backend?.name.startsWith('postgres')) return undefined;
  const postmaster = backend.parent;
  return () => {
    const own = processStat(postmaster);
    if (!own) throw new Error('PostgreSQL ended during the measurement');
    const children = readdirSync('/proc').flatMap((name) => {
      const stat = /^\d+$/.test(name) ? processStat(Number(name)) : undefined;
      return stat?.parent === postmaster ? [stat.ticks] : [];
    });
    const ticks = own.ticks + own.ticksOfEndedChildren + children.reduce((sum, each) => sum + each, 0);
    return ticks * MICROS_PER_TICK;
  };
}

/** What one durable commit of one row takes, alone: nothing that is acked after commit can answer sooner. */
export async function commitMillis(url: string, commits: number): Promise<{ p50: number; p99: number }> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('create table if not exists one_commit(content text)');
  const samples = new Float64Array(commits);
  for (let at = -20; at < commits; at += 1) {
    const before = performance.now();
    await client.query({ name: 'one_commit', text: 'insert into one_commit values ($1)', values: ['x'.repeat(100)] });
    if (at >= 0) samples[at] = performance.now() - before;
  }
  await client.end();
  return { p50: percentile(samples, 0.5), p99: percentile(samples, 0.99) };
}
