import { execFile } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Workspace, workspaces } from '../boundaries/workspaces.ts';
import { migratedImage } from '../support/image.ts';
import { nodeEnvironment } from '../support/machine.ts';

export const repository = resolve(import.meta.dirname, '../..');

/** What a feature is written in, built from and tested with. */
const PARTS = [
  'packages',
  'apps',
  'tests',
  'bench',
  'site',
  'tools',
  ...globSync('{*.json,*.ts,*.yaml,.gitignore,.oxlintrc.json}', { cwd: repository }),
];
const NOT_OURS = /(^|\/)(node_modules|\.cache|\.data|dist|coverage)(\/|$)/;

/** A copy of this repository in a folder of its own, as another team has it: nothing done there reaches the original. */
export type Copy = Readonly<{
  root: string;
  /** For programs of the copy: what is compiled for its paths goes with it. */
  env: Readonly<{ NODE_COMPILE_CACHE: string }>;
  /** Runs a script of the copy in Node; answers what it wrote. Throws with all of it when the script fails. */
  run(script: string, ...args: readonly string[]): Promise<string>;
  /** What `pnpm install` does for a package that was added: links what it and the server list. */
  link(): void;
  remove(): Promise<void>;
}>;

/** Where nothing is compiled yet, all of it is: half a minute of processor time, on a machine that may be busy. */
export const COPIED_WITHIN_MS = 600_000;

export async function copyRepository(): Promise<Copy> {
  const root = mkdtempSync(join(tmpdir(), 'coucou-workspace-'));
  const env = { NODE_COMPILE_CACHE: join(root, '.cache/node') };
  const run: Copy['run'] = (script, ...args) => runNode(root, script, args, env);
  // Compiled before the copy, which then compiles no more than what changes there.
  await runNode(repository, TSC, ['--build', 'tests']);
  const ours = (file: string) => !NOT_OURS.test(file.slice(repository.length));
  // With their times: what was compiled is newer than its sources here, and has to be there.
  for (const part of PARTS) cpSync(join(repository, part), join(root, part), { recursive: true, preserveTimestamps: true, filter: ours });
  cpSync(join(repository, '.cache/types'), join(root, '.cache/types'), { recursive: true, preserveTimestamps: true });
  // Its first test would make the empty cluster anew, which takes longer than everything else.
  await migratedImage();
  for (const cluster of globSync('.cache/pglite/cluster-*.tar', { cwd: repository }))
    cpSync(join(repository, cluster), join(root, cluster));
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'));
  const link = () => workspaces(root).forEach((workspace) => linkDependencies(root, workspace));
  link();
  return { root, env, run, link, remove: () => rm(root, { recursive: true, force: true }) };
}

/** The compiler by its path, as `pnpm types` calls it. */
export const TSC = 'node_modules/@typescript/native/bin/tsc';

async function runNode(cwd: string, script: string, args: readonly string[], env: Partial<Copy['env']> = {}): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, ...args], {
      cwd,
      env: { ...nodeEnvironment(), ...env },
    });
    return stdout + stderr;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${script} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

/** Our own packages are those of the copy; libraries are the ones that are installed here. */
function linkDependencies(root: string, { folder, dependencies, devDependencies }: Workspace): void {
  const own = new Map(workspaces(root).map((workspace) => [workspace.name, join(root, workspace.folder)]));
  for (const dependency of [...dependencies, ...devDependencies]) {
    const link = join(root, folder, 'node_modules', dependency);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(own.get(dependency) ?? installed(dependency), link);
  }
}

function installed(library: string): string {
  const places = workspaces(repository).map(({ folder }) => join(repository, folder, 'node_modules', library));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new Error(`no package of this repository lists ${library}`);
  return found;
}

export type Difference = Readonly<{
  added: readonly string[];
  removed: readonly string[];
  changed: Readonly<Record<string, readonly string[]>>;
}>;

/** How the copy differs from the original, by file; of a changed one its new lines, and its lost ones after a minus. */
export function difference({ root }: Copy): Difference {
  const filesOf = (tree: string) =>
    PARTS.flatMap((part) => [part, ...globSync(`${part}/**/*`, { cwd: tree, exclude: (name) => NOT_OURS.test(name) })])
      .filter((file) => existsSync(join(tree, file)) && /\.[^/]+$/.test(file))
      .filter((file) => !NOT_OURS.test(file));
  const [before, after] = [new Set(filesOf(repository)), new Set(filesOf(root))];
  const linesOf = (tree: string, file: string) => readFileSync(join(tree, file), 'utf8').split('\n');
  const changed = [...before]
    .filter((file) => after.has(file))
    .map((file) => [file, linesOf(repository, file), linesOf(root, file)] as const)
    .filter(([, old, now]) => old.join() !== now.join())
    .map(([file, old, now]) => {
      const lost = old.filter((line) => !now.includes(line)).map((line) => `-${line}`);
      return [file, [...now.filter((line) => !old.includes(line)), ...lost]] as const;
    });
  return {
    added: [...after].filter((file) => !before.has(file)).toSorted(),
    removed: [...before].filter((file) => !after.has(file)),
    changed: Object.fromEntries(changed),
  };
}
