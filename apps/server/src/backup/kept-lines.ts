import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { CommandError } from '../cli/command.ts';
import { codeOf } from '../start/start-error.ts';
import { damaged, keptPath } from './kept-path.ts';
import type { KeptFile } from './manifest.ts';

/** Fast rather than small: a level more costs as much time as reading the rows. */
const LEVEL = 3;
/** Lines that are given on together: so many, or so many characters. */
const BATCH_LINES = 500;
const BATCH_CHARACTERS = 4 * 1_024 * 1_024;
/** Bytes of one line, far above those of any row: a compressed file of a megabyte may hold a line of a gigabyte. */
const LONGEST = 64 * 1_024 * 1_024;
const NEWLINE = 0x0a;

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
    for await (const lines of batches) if (lines.length > 0) yield `${lines.join('\n')}\n`;
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
  const file = createReadStream(await keptPath(folder, path));
  const unzipped = new PassThrough();
  let fault: unknown;
  const reading = pipeline(file, createGunzip(), withShortLines, unzipped).catch((error: unknown) => {
    fault = error;
  });
  let batch: string[] = [];
  let characters = 0;
  try {
    for await (const line of createInterface({ input: unzipped, crlfDelay: Infinity })) {
      batch.push(line);
      characters += line.length;
      if (batch.length < BATCH_LINES && characters < BATCH_CHARACTERS) continue;
      yield batch;
      [batch, characters] = [[], 0];
    }
    // The lines end at a fault as at the end of the file.
    await reading;
  } catch (error) {
    fault ??= error;
  } finally {
    file.destroy();
  }
  if (fault !== undefined)
    throw fault instanceof CommandError ? fault : damaged(`${path} cannot be read (${codeOf(fault)})`, { cause: fault });
  if (batch.length > 0) yield batch;
}

async function* withShortLines(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const chunk of body) {
    const newline = chunk.lastIndexOf(NEWLINE);
    length = newline < 0 ? length + chunk.length : chunk.length - newline - 1;
    if (length > LONGEST) throw Object.assign(new Error('a line is too long'), { code: 'LINE_TOO_LONG' });
    yield chunk;
  }
}

/** What the file holds now, to be compared with what was written. */
export async function measure(folder: string, path: string): Promise<Pick<KeptFile, 'bytes' | 'sha256'>> {
  const hashed = hashing();
  for await (const chunk of hashed.wrap(createReadStream(await keptPath(folder, path)))) void chunk;
  return hashed.result();
}
