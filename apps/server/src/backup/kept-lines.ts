import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { CommandError } from '../cli/command.ts';
import { splitLines } from '../cli/split-lines.ts';
import { damaged, keptPath } from './kept-path.ts';
import type { KeptFile } from './manifest.ts';

/** Fast rather than small: a level more costs as much time as reading the rows. */
const LEVEL = 3;
/** Lines that are given on together: so many, or so many characters. */
const BATCH_LINES = 500;
const BATCH_CHARACTERS = 4 * 1_024 * 1_024;
/** Far more than any row has; a small file may unpack to one that no memory holds. */
export const LONGEST_LINE = 64 * 1_024 * 1_024;

/** Knows the hash and the number of the bytes that went through it. */
export function hashing() {
  const hash = createHash('sha256');
  let bytes = 0;
  return {
    async *wrap(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of body) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    },
    result: (): Pick<KeptFile, 'bytes' | 'sha256'> => ({ bytes, sha256: hash.digest('hex') }),
  };
}

/** Writes lines, compressed, to a new file that is on the disk when this returns. */
export async function writeLines(folder: string, path: string, batches: AsyncIterable<readonly string[]>): Promise<KeptFile> {
  const target = join(folder, path);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  const hashed = hashing();
  const text = (async function* () {
    for await (const lines of batches) {
      if (lines.some(({ length }) => length > LONGEST_LINE))
        throw new CommandError(`${path} would have a row of more than ${LONGEST_LINE} characters, which cannot be restored`);
      if (lines.length > 0) yield `${lines.join('\n')}\n`;
    }
  })();
  await pipeline(
    Readable.from(text),
    createGzip({ level: LEVEL }),
    (body: AsyncIterable<Uint8Array>) => hashed.wrap(body),
    createWriteStream(target, { flags: 'wx', mode: 0o600, flush: true }),
  );
  return { path, ...hashed.result() };
}

/** The lines of such a file, in batches that fit into a statement; throws a `CommandError` for a file that cannot be read to its end. */
export async function* readLines(folder: string, { path }: Pick<KeptFile, 'path'>): AsyncIterable<readonly string[]> {
  const file = createReadStream(await readable(folder, path));
  const unzipped = createGunzip();
  const reading = pipeline(file, unzipped);
  // Reported by the lines, which end then.
  reading.catch(() => {});
  let batch: string[] = [];
  let characters = 0;
  try {
    for await (const line of splitLines(unzipped, LONGEST_LINE)) {
      batch.push(line);
      characters += line.length;
      if (batch.length < BATCH_LINES && characters < BATCH_CHARACTERS) continue;
      yield batch;
      [batch, characters] = [[], 0];
    }
    await reading;
  } catch (error) {
    throw damaged(`${path} ${whyUnreadable(error)}`, { cause: error });
  } finally {
    file.destroy();
  }
  if (batch.length > 0) yield batch;
}

const readable = (folder: string, path: string): Promise<string> =>
  keptPath(folder, path).catch((error: unknown) => {
    throw error instanceof CommandError ? error : damaged(`${path} ${whyUnreadable(error)}`, { cause: error });
  });

function whyUnreadable(error: unknown): string {
  if (error instanceof RangeError) return `has a line of more than ${LONGEST_LINE} characters`;
  const { code } = error as { code?: string };
  return code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'is no UTF-8' : `cannot be read (${code})`;
}

/** What the file holds now, to be compared with what was written. */
export async function measure(folder: string, path: string): Promise<Pick<KeptFile, 'bytes' | 'sha256'>> {
  const hashed = hashing();
  for await (const chunk of hashed.wrap(createReadStream(await keptPath(folder, path)))) void chunk;
  return hashed.result();
}
