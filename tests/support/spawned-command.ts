import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { type EnvironmentOptions, environment } from './environment.ts';
import { nodeEnvironment } from './machine.ts';

export type CommandOptions = EnvironmentOptions & Readonly<{ /** Of which checkout. */ root: string }>;

/** A command of the command line, in a process of its own. Answers its standard output; rejects with what it said when its exit code is not 0. */
export async function runCommand(args: readonly string[], { root, ...options }: CommandOptions): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(root, 'apps/server/src/cli/main.ts'), ...args], {
    cwd: root,
    env: { ...nodeEnvironment(), ...environment(options) },
  });
  return stdout;
}
