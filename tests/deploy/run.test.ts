import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const repository = resolve(import.meta.dirname, '../..');

/** A workspace with nothing but the launcher, and a pnpm that writes down what it is asked. What pnpm makes of it, a fresh clone in CI shows. */
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'coucou-run-'));
  mkdirSync(join(folder, 'tools'));
  mkdirSync(join(folder, 'node_modules'));
  copyFileSync(join(repository, 'tools/run.mjs'), join(folder, 'tools/run.mjs'));
  writeFileSync(join(folder, 'pnpm-lock.yaml'), '');
  writeFileSync(
    join(folder, 'pnpm.mjs'),
    "import { writeFileSync } from 'node:fs';\nwriteFileSync('asked.json', JSON.stringify(process.argv.slice(2)));\nprocess.exit(Number(process.env.FAILS ?? 0));\n",
  );
  writeFileSync(join(folder, 'script.mjs'), 'console.log(JSON.stringify(process.argv.slice(2)));\n');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (set: string, env: Record<string, string> = {}): string =>
  execFileSync(process.execPath, ['tools/run.mjs', set, 'node', 'script.mjs', '--flag', 'value'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, npm_execpath: join(folder, 'pnpm.mjs'), ...env },
    stdio: 'pipe',
  });
const asked = (): string[] => JSON.parse(readFileSync(join(folder, 'asked.json'), 'utf8')) as string[];

/** As pnpm leaves it: everything, or a filtered set without the packages of development. */
function installed(what: 'everything' | 'server', lockfileIs: 'older' | 'newer'): void {
  const state = { lastValidatedTimestamp: Date.now(), filteredInstall: what === 'server', settings: { dev: what === 'everything' } };
  writeFileSync(join(folder, 'node_modules/.pnpm-workspace-state-v1.json'), JSON.stringify(state));
  const at = new Date(Date.now() + (lockfileIs === 'older' ? -60_000 : 60_000));
  utimesSync(join(folder, 'pnpm-lock.yaml'), at, at);
}

describe('tools/run.mjs', () => {
  it('installs what the server needs and nothing else, then runs the command', () => {
    expect(run('server')).toBe('["--flag","value"]\n');
    expect(asked()).toEqual([
      'install',
      '--frozen-lockfile',
      '--trust-lockfile',
      '--prod',
      '--filter',
      '{.}',
      '--filter',
      '@coucou/server...',
    ]);
  });

  it('installs everything, checked by policy, for what is not the server', () => {
    run('everything');
    expect(asked()).toEqual(['install', '--frozen-lockfile']);
  });

  it('installs nothing when all is there', () => {
    installed('server', 'older');
    run('server');
    installed('everything', 'older');
    run('server');
    run('everything');
    expect(asked).toThrow('ENOENT');
  });

  it('installs the rest when the server alone is there', () => {
    installed('server', 'older');
    run('everything');
    expect(asked()).toEqual(['install', '--frozen-lockfile']);
  });

  it('installs again when the lockfile has changed, and never less than there was', () => {
    installed('server', 'newer');
    run('server');
    expect(asked()).toContain('@coucou/server...');
    installed('everything', 'newer');
    run('server');
    expect(asked()).toEqual(['install', '--frozen-lockfile']);
  });

  it('runs nothing when the installation fails, and says so', () => {
    expect(() => run('server', { FAILS: '1' })).toThrow(/the installation failed.*run the command again/);
  });
});
