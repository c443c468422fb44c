import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareDataDir } from './data-dir.ts';

const pathIn = (directory: string): string => join(directory, 'server.url');

/** Writes where the server listens into its data directory, so that commands find it; answers what removes that again. */
export async function writeAddress(directory: string, url: string): Promise<() => Promise<void>> {
  await prepareDataDir(directory);
  await writeFile(pathIn(directory), `${url}\n`, { mode: 0o600 });
  return async () => {
    // On PostgreSQL another server may have been started beside this one meanwhile.
    if ((await readAddress(directory)) === url) await rm(pathIn(directory), { force: true });
  };
}

/** Where the last server of this directory listened; it may be gone, and a killed one leaves its address. */
export async function readAddress(directory: string): Promise<string | undefined> {
  const text = (await readFile(pathIn(directory), 'utf8').catch(() => '')).trim();
  return /^https?:\/\/[^/\s]+$/.test(text) ? text : undefined;
}
