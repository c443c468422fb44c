import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { privateDirectory } from '../support/machine.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** From before the first release, for as long as there is no tag. */
const BEFORE_RELEASES = '98eb854ecf62688f47e6b18d9e5b5e4b8efe38cf';

const run = async (file: string, args: readonly string[], cwd = ROOT): Promise<string> =>
  (await promisify(execFile)(file, args, { cwd, maxBuffer: 64 * 1_048_576 })).stdout.trim();

/** The last tag of a release, or the commit from before there was one. */
export const lastRelease = async (): Promise<string> =>
  (await run('git', ['tag', '--list', 'v*', '--sort=-version:refname', '--merged', 'HEAD'])).split('\n')[0] || BEFORE_RELEASES;

export type Checkout = Readonly<{ root: string; commit: string; remove: () => Promise<void> }>;

/** What is installed of it. */
const SETS = { server: ['--prod', '--filter', '{.}', '--filter', '@coucou/server...'], everything: [] };

/** A commit in a directory of its own, with what its lockfile names installed, from what pnpm has stored where it can. */
export async function checkOut(commit: string, set: keyof typeof SETS): Promise<Checkout> {
  const directory = await privateDirectory('checkout');
  const root = path.join(directory, 'coucou');
  const remove = async () => {
    await run('git', ['worktree', 'remove', '--force', root]).catch(() => {});
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await run('git', ['worktree', 'add', '--detach', root, commit]);
    await run('npx', ['-y', 'pnpm@12', 'install', '--frozen-lockfile', '--trust-lockfile', '--prefer-offline', ...SETS[set]], root);
    return { root, commit: await run('git', ['log', '-1', '--format=%h %s'], root), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Those that use the product and do not look at its schema. */
const SUITES = ['tests/e2e', 'tests/use-cases', 'tests/sync', 'tests/nodes/delivery.test.ts'];

/** Runs the suites of an earlier checkout on databases that this one has migrated. Answers whether they pass, or cannot be run. */
export async function runSuites({ root }: Checkout): Promise<boolean> {
  if (!existsSync(path.join(root, 'apps/server/src/cli/upgrade.ts'))) {
    console.log('NOT RUN: that version starts on no newer schema; the first that does brought pnpm cli upgrade');
    return true;
  }
  const vitest = spawn(path.join(root, 'node_modules/.bin/vitest'), ['run', '--project', 'integration', ...SUITES], {
    cwd: root,
    env: { ...process.env, SCHEMA_OF: ROOT },
    stdio: 'inherit',
  });
  const [code] = await once(vitest, 'exit');
  return code === 0;
}
