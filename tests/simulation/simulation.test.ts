import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const repository = path.resolve(import.meta.dirname, '../..');

/** In a process of its own: a simulation replaces time and randomness for all code of its process. */
async function sim(...options: string[]): Promise<Readonly<{ code: number; lines: string[] }>> {
  const run = promisify(execFile)(process.execPath, ['tools/sim.ts', ...options], { cwd: repository, maxBuffer: 64 * 1024 * 1024 });
  const { stdout, code } = await run.then(
    ({ stdout: out }) => ({ stdout: out, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => ({ stdout: `${error.stdout}${error.stderr}`, code: error.code }),
  );
  return { code, lines: stdout.trim().split('\n') };
}

describe('the simulation', { timeout: 1_800_000 }, () => {
  it('repeats a seed bit for bit, whatever was simulated before it', async () => {
    const hashOf = ({ lines }: Awaited<ReturnType<typeof sim>>) => lines.filter((line) => line.includes('seed 3:'));
    const alone = hashOf(await sim('--seed', '3'));
    expect(alone).toHaveLength(1);
    expect(hashOf(await sim('--seeds', '3', '--workers', '1', '--verbose'))).toEqual(alone);
  });

  it('finds each bug that is planted', async () => {
    expect(await sim('--planted')).toMatchObject({ code: 0 });
  });
});
