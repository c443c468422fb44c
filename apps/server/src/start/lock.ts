import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, StartError } from './start-error.ts';

/** Directories locked by this process: its own pid in a lock file may also be left by an earlier process with the same pid. */
const held = new Set<string>();

/**
 * Two processes that open one embedded database destroy it, and the database does not notice. The lock is a file with the holder's
 * pid; a stale one is taken over. Answers a function that unlocks.
 */
export async function lockDataDir(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, 'lock');
  if (held.has(path)) throw inUse(directory, path, process.pid);
  held.add(path);
  try {
    await acquire(directory, path);
  } catch (error) {
    held.delete(path);
    throw error;
  }
  return async () => {
    await rm(path, { force: true });
    held.delete(path);
  };
}

async function acquire(directory: string, path: string): Promise<void> {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      await writeFile(path, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
      return;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const found = await readFile(path, 'utf8').catch(() => undefined);
    if (found === undefined) continue;
    const pid = Number(found.trim());
    if (isAlive(pid)) throw inUse(directory, path, pid);
    await removeStale(path, found);
  }
  throw inUse(directory, path, undefined);
}

/** Renamed first: if another process took over meanwhile, its lock is restored. */
async function removeStale(path: string, expected: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) === expected) await rm(aside);
  else await rename(aside, path);
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

const inUse = (directory: string, path: string, pid: number | undefined) =>
  new StartError(
    `the data directory ${directory} is in use by ${pid === undefined ? 'another process' : `process ${pid}`}; stop that server, or choose another directory with DATA_DIR` +
      ` (if that process is not a Coucou server, remove ${path})`,
  );
