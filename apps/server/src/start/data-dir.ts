import { randomBytes } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { access, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, StartError } from './start-error.ts';

/** Makes the directory when it is missing. Only its owner may look inside: it holds the database and keys. */
export async function prepareDataDir(directory: string): Promise<void> {
  try {
    await makeDirectory(directory);
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const reasons: Record<string, string> = {
      ENOTDIR: 'a part of this path is a file',
      EEXIST: 'this is a file',
      ENOENT: 'no directory can be made there',
      EROFS: 'the file system is read-only',
      ENOSPC: 'the disk is full',
    };
    const reason = reasons[codeOf(error) ?? ''] ?? 'this user may not read and write there';
    throw new StartError(
      `the data directory ${directory} cannot be used: ${reason}; fix its permissions, or choose another with DATA_DIR`,
      { cause: error },
    );
  }
}

/** Not with `recursive`, which never returns in places like /proc. */
async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await stat(directory)).isDirectory()) return;
    if (codeOf(error) !== 'ENOENT' || existsSync(dirname(directory))) throw error;
    await makeDirectory(dirname(directory));
    await makeDirectory(directory);
  }
}

/** The secret generated at the first start, for servers without SECRET_KEY. */
export async function ownSecretKey(directory: string): Promise<string> {
  const path = join(directory, 'secret-key');
  if (!existsSync(path)) await makeSecretKey(path);
  const secret = (await readFile(path, 'utf8')).trim();
  if (Buffer.byteLength(secret) < 32)
    throw new StartError(
      `${path} holds an incomplete secret; remove it to have a new one generated (everyone must then sign in again), or set SECRET_KEY`,
    );
  return secret;
}

/** Linked into place whole: a server that starts at the same moment reads all of it, whichever of the two made it. */
async function makeSecretKey(path: string): Promise<void> {
  const secret = randomBytes(32).toString('hex');
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(draft, `${secret}\n`, { flag: 'wx', mode: 0o600 });
    await link(draft, path);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
