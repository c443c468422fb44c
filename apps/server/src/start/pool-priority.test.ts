import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** In a process of its own: a priority that was lowered stays so. */
const PROGRAM = `
  import { randomBytes } from 'node:crypto';
  import { readdirSync, readFileSync } from 'node:fs';
  import { getPriority } from 'node:os';
  import { promisify } from 'node:util';
  import { lowerPoolPriority } from ${JSON.stringify(import.meta.resolve('./pool-priority.ts'))};
  const before = getPriority();
  await promisify(randomBytes)(1);
  lowerPoolPriority({ warn: (details) => console.error(details) });
  const threads = readdirSync('/proc/self/task').map((id) => [readFileSync('/proc/self/task/' + id + '/comm', 'utf8').trim(), getPriority(Number(id))]);
  const pool = threads.filter(([name]) => name === 'libuv-worker').map(([, priority]) => priority);
  console.log(JSON.stringify({ pool, main: getPriority() - before, others: new Set(threads.map(([, priority]) => priority)).size }));
`;

it.runIf(process.platform === 'linux')('puts the threads of the pool behind all others, and no other', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', PROGRAM]);
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({ pool: [10, 10, 10, 10], main: 0, others: 2 });
});
