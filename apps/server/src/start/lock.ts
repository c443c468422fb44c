import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from './start-error.ts';

/**
 * Two processes that open one embedded database destroy it, and the database does not notice. The kernel keeps the lock (SQLite's, on an empty
 * file): it is released when the process ends, however it ends, and does not depend on process ids, which are reused by other programs and
 * which mean something else in another container. The file `server.pid` only tells people who it is. Answers a function that unlocks.
 */
export async function lockDataDir(directory: string): Promise<() => Promise<void>> {
  const pidPath = join(directory, 'server.pid');
  const unlock = await lock(directory, join(directory, 'lock'), pidPath);
  await writeFile(pidPath, `${process.pid}\n`, { mode: 0o600 });
  return async () => {
    await rm(pidPath, { force: true });
    // The file stays: removed, it could be locked twice, by one who opened it before and one who makes it again.
    unlock();
  };
}

/** Primary result codes of SQLite. */
const BUSY = 5;
const NOT_A_DATABASE = 26;

async function lock(directory: string, path: string, pidPath: string): Promise<() => void> {
  let file: DatabaseSync | undefined;
  try {
    file = new DatabaseSync(path, { timeout: 0 });
    file.exec('begin exclusive');
    return () => file?.close();
  } catch (error) {
    file?.close();
    const { errcode } = error as { errcode?: number };
    if (errcode === BUSY) throw inUse(directory, await holderOf(pidPath));
    const reason = errcode === NOT_A_DATABASE ? 'it is not a lock file' : (error as Error).message;
    throw new StartError(
      `the lock of the data directory, ${path}, cannot be taken (${reason}); if no server uses that directory, remove the file and start again`,
      { cause: error },
    );
  }
}

async function holderOf(pidPath: string): Promise<string> {
  const pid = (await readFile(pidPath, 'utf8').catch(() => '')).trim();
  return /^\d+$/.test(pid) ? `process ${pid}` : 'another process';
}

const inUse = (directory: string, holder: string) =>
  new StartError(`the data directory ${directory} is in use by ${holder}; stop that server, or choose another directory with DATA_DIR`);
