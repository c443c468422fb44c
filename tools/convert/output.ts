import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

/** A line of `coucou-export` (docs/guides/import-and-export.md). */
export type Line = Readonly<{ type: string }> & Readonly<Record<string, unknown>>;

/** The objects of a file of JSON lines. `node:readline` would also end a line at U+2028 and U+2029, which JSON leaves as they are in texts. */
export async function* readJson<T>(file: string): AsyncGenerator<T> {
  let parts: string[] = [];
  for await (const chunk of createReadStream(file, 'utf8') as AsyncIterable<string>) {
    const [first = '', ...others] = chunk.split('\n');
    parts.push(first);
    for (const part of others) {
      const line = parts.join('');
      if (line.trim() !== '') yield JSON.parse(line);
      parts = [part];
    }
  }
  const last = parts.join('');
  if (last.trim() !== '') yield JSON.parse(last);
}

export const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Writes an export into a folder that must not exist yet. */
export async function writeExport(out: string, source: string, lines: AsyncIterable<Line>): Promise<void> {
  // It holds what people wrote in private.
  await mkdir(out, { mode: 0o700 });
  await mkdir(path.join(out, 'files'), { mode: 0o700 });
  const text = async function* () {
    yield `${JSON.stringify({ type: 'header', format: 'coucou-export', version: 1, source })}\n`;
    for await (const line of lines) yield `${JSON.stringify(line)}\n`;
  };
  await pipeline(text, createWriteStream(path.join(out, 'account.ndjson'), { flags: 'wx', mode: 0o600 }));
}

/**
 * Copies the first of these files that is there into the export, for a line `attachment`. Only from within the folder of the source, by no link that
 * leads out of it, and to a name that is no path: whoever wrote the export chose them.
 */
export async function copyInto(out: string, name: string, folder: string, candidates: readonly string[]): Promise<string | undefined> {
  if (name !== path.basename(name) || /^\.*$|[\\\0]/.test(name)) return undefined;
  const root = await realpath(folder).catch(() => undefined);
  for (const candidate of candidates) {
    const from = await realpath(path.resolve(folder, candidate)).catch(() => undefined);
    if (root === undefined || from === undefined || !from.startsWith(root + path.sep)) continue;
    if (!(await stat(from)).isFile()) continue;
    await copyFile(from, path.join(out, 'files', name));
    return `files/${name}`;
  }
  return undefined;
}

/** The two arguments of a converter; ends the process where there are others. */
export function foldersOf(usage: string): Readonly<{ from: string; out: string }> {
  const [from, out, ...more] = process.argv.slice(2);
  if (from !== undefined && out !== undefined && more.length === 0) return { from, out };
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}
