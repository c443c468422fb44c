// `pnpm test`: the checks, a hundred seeds of the simulation, then all tests with a short soak beside them, which waits most of the time. With
// arguments: the checks, and vitest with these.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '..');
const asked = process.argv.slice(2);
/** Tests come first where both want the processor. */
const NICE = 5;

const start = (args: readonly string[], output: 'inherit' | 'pipe' = 'inherit'): ChildProcess =>
  spawn(process.execPath, args, { cwd: repository, stdio: ['ignore', output, output] });

async function passes(child: ChildProcess): Promise<boolean> {
  const [code] = await once(child, 'close');
  return code === 0;
}

function startSoak(): () => Promise<boolean> {
  const child = start(['tools/soak.ts', '--minutes', '2', '--clients', '6'], 'pipe');
  if (child.pid !== undefined) setPriority(child.pid, NICE);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => void (output += chunk.toString()));
  const passed = passes(child);
  return async () => {
    const isPassed = await passed;
    console.log(`\n${isPassed ? '✔' : '✘'} soak of two minutes`);
    if (!isPassed) console.log(output);
    return isPassed;
  };
}

async function main(): Promise<boolean> {
  if (!(await passes(start(['tools/check.ts', '--static'])))) return false;
  const simulationPasses = asked.length > 0 || (await passes(start(['tools/sim.ts', '--seeds', '100'])));
  const soakPasses = asked.length === 0 ? startSoak() : undefined;
  const testsPass = await passes(start(['node_modules/vitest/vitest.mjs', 'run', ...asked]));
  return (soakPasses === undefined || (await soakPasses())) && testsPass && simulationPasses;
}

process.exitCode = (await main()) ? 0 : 1;
