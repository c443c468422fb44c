import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { parseArgs } from 'node:util';
import type { Config } from '../config.ts';
import { startGenerators } from '../load/generators.ts';
import type { Group } from '../load/group-load.ts';
import { readMix } from '../load/mix.ts';
import { readServerFigures } from '../load/server-figures.ts';
import { type Figures, figuresOf, whatGaveWay } from '../load/step.ts';
import { administer } from './administer.ts';
import { ApiError, callApi } from './api.ts';
import { type Command, CommandError, print, UsageError } from './command.ts';
import { serverUrl } from './server-url.ts';

const help = `pnpm cli load                    people in groups write and read, faster with every step, until the server gives way
  --people <n>                   how many, each with one socket (100)
  --group-size <n>               people in a group; everybody there receives each of its messages (10)
  --mix <shares>                 what they do: send, read, typing, history (send=8,read=2)
  --rate <n>                     actions per second of the first step (50)
  --factor <n>                   every step is as many times as fast as the one before (1.5)
  --steps <n>                    at most so many steps; 1 holds the rate (20)
  --seconds <n>                  how long a step takes (10)
  --processes <n>                processes that make the load (1)
  --p99 <ms>                     ends where the p99 of the answers is above (200)
  --errors <share>               ends where a larger share of the actions fails (0.00025)
  --url <url>                    the server, or a proxy before several; without it the one that runs here
  --sessions <file>              lines of \`pnpm cli load-people\`, where the database is not configured here
  --json                         print one object per step, and one with the result

Latency counts from when an action was due. The exit code is 1 when not even the first step held. A load test belongs on a system of its own: its
messages stay, in the account load-test. The server refuses more than 200 sockets of one address unless LIMIT_CONNECTIONS says otherwise, such
as LIMIT_CONNECTIONS=20,20000; LIMIT_HANDSHAKES slows down how fast they come.`;

const options = {
  people: { type: 'string', default: '100' },
  'group-size': { type: 'string', default: '10' },
  mix: { type: 'string', default: 'send=8,read=2' },
  rate: { type: 'string', default: '50' },
  factor: { type: 'string', default: '1.5' },
  steps: { type: 'string', default: '20' },
  seconds: { type: 'string', default: '10' },
  processes: { type: 'string', default: '1' },
  p99: { type: 'string', default: '200' },
  errors: { type: 'string', default: '0.00025' },
  url: { type: 'string' },
  sessions: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

type Session = Readonly<{ userId: string; accessToken: string; accessTokenExpiresAt: string }>;

/** Reads the options; throws for what no load test can be made of. */
function read(args: readonly string[]) {
  const { values } = parseArgs({ args: [...args], options });
  const number = (name: keyof typeof values, least: number, most: number, isWhole = true): number => {
    const value = Number(values[name]);
    if (!(value >= least && value <= most) || (isWhole && !Number.isInteger(value)))
      throw new UsageError(`--${name} must be a ${isWhole ? 'whole number' : 'number'} from ${least} to ${most}`);
    return value;
  };
  const size = number('group-size', 2, 10_000);
  const people = number('people', 2, 20_000);
  if (people < size) throw new UsageError(`--people must be at least --group-size, ${size}`);
  const groups = Math.floor(people / size);
  return {
    size,
    people: groups * size,
    mix: readMix(values.mix),
    rate: number('rate', 1, 100_000),
    factor: number('factor', 1, 10, false),
    steps: number('steps', 1, 100),
    seconds: number('seconds', 1, 600),
    processes: Math.min(number('processes', 1, 64), groups),
    bounds: { p99Ms: number('p99', 0.001, 60_000, false), errorShare: number('errors', 0, 1, false) },
    url: values.url,
    sessions: values.sessions,
    json: values.json,
  };
}
type Options = ReturnType<typeof read>;

async function sessionsFor({ people, sessions }: Options): Promise<readonly Session[]> {
  const lines: string[] = [];
  if (sessions === undefined) await administer('load-people', (line) => lines.push(line)).run(['--people', String(people)]);
  else lines.push(...(await readFile(sessions, 'utf8').catch(() => '')).split('\n').filter((line) => line !== ''));
  if (lines.length < people) throw new CommandError(`${sessions} has ${lines.length} sessions, and --people needs ${people}`);
  return lines.slice(0, people).map((line) => JSON.parse(line) as Session);
}

async function makeGroups(url: string, sessions: readonly Session[], size: number): Promise<readonly Group[]> {
  const groups: Group[] = [];
  for (let at = 0; at < sessions.length; at += size) {
    const members = sessions.slice(at, at + size);
    const [owner, ...others] = members;
    if (owner === undefined) break;
    const body = { type: 'group', title: 'Load test', memberIds: others.map(({ userId }) => userId) };
    const made = await callApi<{ id: string }>(url, 'POST', '/conversations', { token: owner.accessToken, body }).catch(
      (error: unknown) => {
        if (!(error instanceof ApiError && error.code === 'UNAUTHENTICATED')) throw error;
        const advice =
          'configure the database and SECRET_KEY of that server here, or give --sessions with what `pnpm cli load-people` prints there';
        throw new CommandError(`${url} does not know these sessions: ${advice}`, { cause: error });
      },
    );
    groups.push({ conversationId: made.id, tokens: members.map(({ accessToken }) => accessToken) });
  }
  return groups;
}

const machine = () => {
  const [cpu] = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return `${os.cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, ${memory} GiB, ${os.type()} ${os.release()}, Node ${process.versions.node}`;
};

const cell = (value: number | string, width: number): string => String(value).padStart(width);
const HEAD = `${cell('actions/s', 10)}${cell('failed', 8)}${cell('p50 ms', 9)}${cell('p99 ms', 9)}${cell('delivered/s', 13)}${cell('p50 ms', 9)}${cell('p99 ms', 9)}`;
const row = ({ rate, failed, answerMs, deliveryMs, deliveries }: Figures, seconds: number): string =>
  `${cell(Math.round(rate), 10)}${cell(failed, 8)}${cell(answerMs.p50, 9)}${cell(answerMs.p99, 9)}${cell(Math.round(deliveries / seconds), 13)}${cell(deliveryMs.p50, 9)}${cell(deliveryMs.p99, 9)}`;

/** Steps until one does not hold; `held` is the last that did. */
async function climb(given: Options, url: string, groups: readonly Group[], metrics: Config['metrics'] | undefined) {
  const { rate: first, factor, steps, seconds, mix, bounds, json, processes } = given;
  const say = json ? () => {} : print;
  const generators = await startGenerators(url, groups, processes);
  let held: Figures | undefined;
  try {
    say(HEAD);
    for (let step = 0; step < steps; step += 1) {
      const rate = Math.round(first * factor ** step);
      const before = metrics && (await readServerFigures({ metrics, url }));
      const measured = await generators.step({ rate, seconds, mix });
      const after = metrics && (await readServerFigures({ metrics, url }));
      const figures = figuresOf(measured);
      const server = before && after && { ...after, cpuShare: (after.cpuSeconds - before.cpuSeconds) / seconds };
      if (json) print(JSON.stringify({ ...figures, seconds, ...(server && { server }) }));
      say(row(figures, seconds));
      const gaveWay = whatGaveWay(measured, bounds);
      if (gaveWay !== undefined) return { held, gaveWay, server };
      held = figures;
    }
    return { held };
  } finally {
    generators.stop();
  }
}

export const load: Command = {
  help,
  async run(args) {
    const given = read(args);
    const { people, size, seconds, steps, json } = given;
    const url = await serverUrl(given.url);
    const say = json ? () => {} : print;
    say(`${people} people in groups of ${size} at ${url}; from ${machine()}`);
    const sessions = await sessionsFor(given);
    const endsAt = Math.min(...sessions.map(({ accessTokenExpiresAt }) => Date.parse(accessTokenExpiresAt)));
    if (endsAt < Date.now()) throw new CommandError('the sessions have expired; open new ones with `pnpm cli load-people`');
    const metrics = given.url === undefined ? (await import('../config.ts')).loadProcessConfig().metrics : undefined;
    const { held, gaveWay, server } = await climb(given, url, await makeGroups(url, sessions, size), metrics);
    if (json) print(JSON.stringify({ held, gaveWay, machine: machine(), url, people, groupSize: size }));
    else {
      if (gaveWay !== undefined) print(`\ngave way: ${gaveWay}`);
      if (server !== undefined)
        print(
          `the server's process used ${Math.round(server.cpuShare * 100)} % of a core; its event loop was late by ${Math.round(server.loopP99Ms)} ms (p99); ${server.appendsWaiting} messages and ${server.databaseWaiting} other calls waited for the database`,
        );
      const delivered = held === undefined ? '' : `, ${Math.round(held.deliveries / seconds)} deliveries/s`;
      print(
        held === undefined
          ? 'no step held'
          : `held: ${Math.round(held.rate)} actions/s${delivered}${gaveWay === undefined ? `, in ${steps} steps nothing gave way` : ''}`,
      );
    }
    if (held === undefined) process.exitCode = 1;
  },
};
