import { constants, createReadStream } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenFile } from '@coucou/application/exchange/import-attachment';

/** Opened when it is read. */
async function* bytesOf(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { flags: constants.O_RDONLY | constants.O_NOFOLLOW } as never) as AsyncIterable<Buffer>;
}

/**
 * Files of the folder that an import is in. Links that came with it are not followed, nor one for its folder of files: whoever made it could have any file
 * of this machine sent to themselves.
 */
export const filesBeside =
  (folder: string): OpenFile =>
  async (file) => {
    const [root, path] = await Promise.all([realpath(folder), realpath(join(folder, file)).catch(() => undefined)]);
    if (path !== join(root, file)) return undefined;
    const there = await lstat(path).catch(() => undefined);
    return there?.isFile() === true ? { size: there.size, body: bytesOf(path) } : undefined;
  };
