import { execFile } from 'node:child_process';
import { format, inspect, promisify } from 'node:util';

/** What the program of a guide calls: runs commands, and holds what is answered against what the guide says. */

const run = promisify(execFile);

/** Variables live from one block to the next, as in a terminal; every answer's status is told apart from its body. */
const PRELUDE = `set -eu -a
[ ! -f .variables ] || . ./.variables
curl() { command curl -sS "$@" -w '%{stderr}%{http_code}\\n'; }
`;
const POSTLUDE = `\ndeclare -p | grep -vE '^declare -[a-z]*(r|A|a)|^declare -[-a-z]+ (_|BASH|SHLVL|PPID|UID|EUID|PIPESTATUS|FUNCNAME)' > .variables`;

export async function shell(line: number, script: string, expected: string): Promise<void> {
  const { stdout, stderr } = await run('bash', ['-c', PRELUDE + script + POSTLUDE]).catch((error: Error) => {
    throw new Error(`line ${line}: ${error.message}`);
  });
  const [, status, body] = /^(\d{3})(?: (.+))?$/.exec(expected) ?? [];
  if (expected !== '' && status === undefined) throw new Error(`line ${line} expects no status: ${expected}`);
  if (status !== undefined) compare(line, Number(stderr.trim().split('\n').at(-1)), Number(status), stdout);
  if (body !== undefined) compare(line, JSON.parse(stdout), JSON.parse(body), stdout);
  if (status !== undefined) done += 1;
}

let done = 0;
let last: readonly unknown[] = [];
console.log = (...values: unknown[]) => {
  last = values;
  process.stdout.write(`${format(...values)}\n`);
};

export function shown(line: number, expected: readonly unknown[]): void {
  compare(line, last, expected, inspect(last, { depth: 6 }));
  done += 1;
}

function compare(line: number, actual: unknown, expected: unknown, answered: string): void {
  const fault = difference(actual, expected, '');
  if (fault !== undefined) throw new Error(`line ${line}: ${fault}; answered: ${answered}`);
}

const ANYTHING = '…';

/** Where `actual` is not what is expected: the same, anything for `…`, and objects with at least these fields. */
function difference(actual: unknown, expected: unknown, path: string): string | undefined {
  if (expected === ANYTHING) return actual === undefined || actual === null || actual === '' ? `${path} is missing` : undefined;
  if (typeof expected !== 'object' || expected === null)
    return Object.is(actual, expected) ? undefined : `${path || 'it'} is ${inspect(actual)}, not ${inspect(expected)}`;
  if (typeof actual !== 'object' || actual === null) return `${path || 'it'} is ${inspect(actual)}`;
  if (Array.isArray(expected) && (!Array.isArray(actual) || actual.length !== expected.length))
    return `${path || 'it'} has not the length ${expected.length}`;
  return Object.entries(expected)
    .map(([key, value]) => difference((actual as Record<string, unknown>)[key], value, `${path}.${key}`))
    .find((fault) => fault !== undefined);
}

process.on('exit', () => process.stderr.write(`expectations met: ${done}\n`));
