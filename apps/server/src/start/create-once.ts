import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { codeOf } from './start-error.ts';

/**
 * Opens the database in a directory. The first start may end at any moment, by Ctrl-C too: a database that it did not finish is created again, for
 * nothing was ever served from it. The file beside it says which directory is unfinished, so that another one that was put there since, such as a
 * restored back-up, is never removed. `onCreate` is called when a new database is created.
 */
export async function createOnce<T>(directory: string, open: () => Promise<T>, onCreate: () => void = () => {}): Promise<T> {
  const mark = `${directory}.unfinished`;
  const marked = await orNothing(readFile(mark, 'utf8'));
  if (marked !== undefined && marked === (await identityOf(directory))) await rm(directory, { recursive: true, force: true });
  const isNew = ((await orNothing(readdir(directory))) ?? []).length === 0;
  if (isNew) {
    onCreate();
    await mkdir(directory, { recursive: true });
    await writeFile(mark, (await identityOf(directory)) ?? '');
  }
  const opened = await open();
  if (isNew || marked !== undefined) await rm(mark, { force: true });
  return opened;
}

/** With the time of its making, since the number of a directory that was removed is given to the next. */
async function identityOf(directory: string): Promise<string | undefined> {
  const found = await orNothing(stat(directory, { bigint: true }));
  return found && `${found.ino} ${found.birthtimeNs}\n`;
}

const orNothing = <T>(reading: Promise<T>): Promise<T | undefined> =>
  reading.catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
