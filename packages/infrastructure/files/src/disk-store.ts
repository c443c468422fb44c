import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FileStore, StoredFile } from '@coucou/application/ports/file-store';
import type { FileKey } from '@coucou/domain/attachments/attachment';
import { ChatError, errors } from '@coucou/domain/kernel/errors';
import { bounded } from './bounded.ts';
import { isFileKey, newFileKey, requireFileKey } from './keys.ts';

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | undefined)?.code;
const isAbsent = (error: unknown): boolean => codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR';

/** Error codes of the disk; errors of the body pass through. */
const diskFaults = new Set([
  'ENOSPC',
  'EDQUOT',
  'EIO',
  'EACCES',
  'EPERM',
  'EROFS',
  'EMFILE',
  'ENFILE',
  'EBUSY',
  'ESTALE',
  'ENOTDIR',
  'ENOENT',
  'EEXIST',
]);
const translate = (error: unknown): unknown =>
  !(error instanceof ChatError) && diskFaults.has(String(codeOf(error)))
    ? errors.SERVICE_UNAVAILABLE({ what: 'files' }, { cause: error })
    : error;

/** Unfinished files; beside the others, so that a rename stays on one file system. */
const PARTIAL = '.partial';
/** Age after which one belongs to a dead process. */
const PARTIAL_MS = 3_600_000;

/**
 * Files below one directory, one directory per account. A file is written under a temporary name, flushed, and renamed: under
 * its own name it is complete.
 */
export function createDiskStore(root: string): FileStore {
  const pathOf = (key: FileKey) => join(root, requireFileKey(key));
  const partial = join(root, PARTIAL);

  const headOf = async (key: FileKey): Promise<StoredFile | undefined> => {
    try {
      const { size, mtime } = await stat(pathOf(key));
      return { key, size, modifiedAt: mtime };
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw translate(error);
    }
  };

  return {
    newKey: newFileKey,

    async put(key, body, { maxBytes }) {
      const path = pathOf(key);
      const unfinished = join(partial, randomUUID());
      try {
        await mkdir(partial, { recursive: true, mode: 0o700 });
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        const counted = bounded(body, maxBytes);
        // Opened first: a body that fails at once would otherwise be cleaned up after before the file is there.
        const file = await open(unfinished, 'wx', 0o600);
        // `flush` syncs the content to disk before the rename makes it visible.
        await pipeline(counted, file.createWriteStream({ flush: true }));
        await rename(unfinished, path);
        return counted.size();
      } catch (error) {
        // Best effort: leftovers are swept later.
        await rm(unfinished, { force: true }).catch(() => {});
        throw translate(error);
      }
    },

    async get(key, range) {
      const stream = createReadStream(pathOf(key), range);
      try {
        await new Promise<void>((resolve, reject) => void stream.once('open', () => resolve()).once('error', reject));
        return stream;
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw translate(error);
      }
    },

    head: headOf,

    async delete(keys) {
      try {
        for (const key of keys) await rm(pathOf(key), { force: true });
      } catch (error) {
        throw translate(error);
      }
    },

    async *list() {
      await sweepPartial(partial);
      for await (const account of entries(root)) {
        if (!account.isDirectory() || account.name === PARTIAL) continue;
        for await (const file of entries(join(root, account.name))) {
          const key = `${account.name}/${file.name}`;
          if (!isFileKey(key)) continue;
          const found = await headOf(key);
          if (found !== undefined) yield found;
        }
      }
    },
  };
}

async function* entries(directory: string) {
  try {
    yield* await opendir(directory);
  } catch (error) {
    if (!isAbsent(error)) throw translate(error);
  }
}

/** Removes leftovers of killed processes, which nothing can have open any more. */
async function sweepPartial(directory: string): Promise<void> {
  for await (const { name } of entries(directory)) {
    const path = join(directory, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && found.mtimeMs < Date.now() - PARTIAL_MS) await rm(path, { force: true });
  }
}
