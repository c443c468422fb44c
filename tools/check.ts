// `pnpm check`: everything that needs no service, in about a minute. `--static` leaves the tests out.
// Every step runs to its end, two at a time, so that one run names every fault.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

interface Step {
  name: string;
  /** Arguments to Node: a script below the repository and its own arguments. */
  run: string[];
}

interface Outcome {
  name: string;
  passed: boolean;
  output: string;
}

const repository = resolve(import.meta.dirname, '..');
const { values: flags } = parseArgs({ options: { static: { type: 'boolean', default: false } } });
const cli = 'apps/server/src/cli/main.ts';

// Longest first: with two lanes that is the shortest whole. The compiler is called by its path because `tsc` is also
// the name under which the TypeScript 6 API could install its own.
const steps: Step[] = [
  { name: 'types', run: ['node_modules/@typescript/native/bin/tsc', '--build', '--pretty', 'false'] },
  { name: 'boundaries and fast tests', run: ['node_modules/vitest/vitest.mjs', 'run', '--project', 'fast'] },
  { name: 'unused code', run: ['node_modules/knip/bin/knip.js', '--no-progress'] },
  { name: 'generated files', run: [cli, 'generate', '--check'] },
  { name: 'migrations', run: ['tools/migrations.ts'] },
  { name: 'lint', run: ['node_modules/oxlint/bin/oxlint'] },
  { name: 'format', run: ['node_modules/@biomejs/biome/bin/biome', 'format', '--max-diagnostics=50'] },
].filter(({ name }) => !(flags.static && name.endsWith('tests')));

const started = performance.now();
const outcomes: Outcome[] = [];
const queue = steps.filter(({ name, run }) => {
  if (run[0] !== cli || existsSync(resolve(repository, cli))) return true;
  console.log(`- ${name}: skipped, there is no ${cli} yet`);
  return false;
});
await Promise.all([lane(), lane()]);

const failed = outcomes.filter(({ passed }) => !passed);
for (const { name, output } of failed) console.log(`\n✘ ${name}\n\n${output.trim()}`);
console.log(
  failed.length === 0
    ? `\n${outcomes.length} checks passed in ${seconds(started)}`
    : `\n${failed.length} of ${outcomes.length} checks failed in ${seconds(started)}: ${failed.map(({ name }) => name).join(', ')}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

async function lane(): Promise<void> {
  for (let step = queue.shift(); step; step = queue.shift()) outcomes.push(await execute(step));
}

function execute({ name, run: args }: Step): Promise<Outcome> {
  const began = performance.now();
  return new Promise((done) => {
    const child = spawn(process.execPath, args, { cwd: repository, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error) => collect(Buffer.from(error.message)));
    child.on('close', (code) => {
      const passed = code === 0;
      console.log(`${passed ? '✔' : '✘'} ${name} (${seconds(began)})`);
      done({ name, passed, output });
    });
  });
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
