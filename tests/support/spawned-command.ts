import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { nodeEnvironment } from './machine.ts';

/** The checkout whose command it is, and its configuration. */
export type CommandOptions = Readonly<{ root: string; env: Readonly<Record<string, string>> }>;

/** A command of the command line, in a process of its own. Answers its standard output; rejects with what it said when its exit code is not 0. */
export async function runCommand(args: readonly string[], { root, env }: CommandOptions): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(root, 'apps/server/src/cli/main.ts'), ...args], {
    cwd: root,
    env: { ...nodeEnvironment(), ...env },
  });
  return stdout;
}
