// `pnpm soak`: two nodes under mixed load, what they hold before and after it, and whether it grows; `--help` says how.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { percent } from '../tests/soak/judge.ts';
import { runSoak, type SoakReport } from '../tests/soak/run-soak.ts';

const HELP = `pnpm soak [--minutes N] [--clients N] [--pause MS] [--seed N] [--json FILE]

Two nodes on PostgreSQL and Redis of their own, under a mixed load that stays the same: connections come and go, messages are sent, changed
and read, people sign in, join and leave. Ctrl-C ends the load early. In the end the nodes have to hold what they held before; the checkers of pnpm faults judge the messages.

--minutes N    how long the load lasts, after a fifth of it to warm up (5 minutes at most); 60 where nothing is said
--clients N    devices whose messages are judged; beside them one group of people for every six does everything else; 12 where nothing is said
--pause MS     between two things that a device or such a group does, on average; 2000 where nothing is said
--seed N       what the dice begin with; 1 where nothing is said
--json FILE    where the report is written; below .cache/soak where nothing is said`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    clients: { type: 'string', default: '12' },
    pause: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** Whose growth is told; the others are in the report. */
const GROWTH = new Set(['heapMiB', 'externalMiB', 'rssMiB', 'descriptors', 'timers', 'databaseConnections', 'outboxDue', 'jobsWaiting']);

function positive(name: 'minutes' | 'clients' | 'pause' | 'seed'): number {
  const number = Number(values[name]);
  if (!(number > 0) || (name !== 'minutes' && !Number.isInteger(number))) throw new Error(`--${name} must be a number above 0`);
  return number;
}

function linesOf({ nodes, sendGrowths, done, refused, judged, ownHeapMiB, findings }: SoakReport): string[] {
  const growth = ({ figure, mean, growth: share, low, high }: SoakReport['sendGrowths'][number]) =>
    `  ${figure}: ${mean.toFixed(1)} on average, ${percent(share)} in ten minutes (95 %: ${percent(low)} to ${percent(high)})`;
  const { windows, messages, entries, connects } = judged;
  return [
    ...nodes.flatMap(({ start, end, growths }, at) => [
      `node ${at + 1}`,
      ...Object.entries(end).map(
        ([figure, after]) => `  ${figure}: ${start[figure]?.toFixed(1)} at the start, ${after.toFixed(1)} in the end`,
      ),
      ...growths.filter(({ figure }) => GROWTH.has(figure)).map(growth),
    ]),
    'sends',
    ...sendGrowths.map(growth),
    ...Object.entries(done).map(([name, times]) => `${name}: ${times}`),
    `refused, or not answered in time, by a node that had too much to do: ${refused}`,
    `judged: ${messages} messages, ${entries} entries and ${connects} connections in ${windows} windows; heap of the judge ${ownHeapMiB.start.toFixed(0)} to ${ownHeapMiB.end.toFixed(0)} MiB`,
    ...findings.map((what) => `✘ ${what}`),
    findings.length === 0 ? '✔ the nodes hold what they held before' : `✘ ${findings.length} findings`,
  ];
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const startedAt = new Date();
  const stopping = new AbortController();
  // Not `once`: a library of the tests ends the process where it finds no other listener.
  process.on('SIGINT', () => stopping.abort());
  const report = await runSoak({
    minutes: positive('minutes'),
    clients: positive('clients'),
    pauseMs: positive('pause'),
    seed: positive('seed'),
    signal: stopping.signal,
    log: (line) => console.error(`${new Date().toISOString().slice(11, 19)} ${line}`),
  });
  console.log(linesOf(report).join('\n'));
  const file = values.json ?? path.resolve(import.meta.dirname, `../.cache/soak/${startedAt.toISOString().replaceAll(':', '-')}.json`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify({ startedAt, ...report }, undefined, 2)}\n`);
  console.log(file);
  return report.findings.length === 0 ? 0 : 1;
}

process.exitCode = await main();
