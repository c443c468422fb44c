import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';

/** A line of `coucou-export` (docs/guides/import-and-export.md). */
export type Line = Readonly<{ type: string }> & Readonly<Record<string, unknown>>;

/** The objects of a file of JSON lines. */
export async function* readJson<T>(file: string): AsyncGenerator<T> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity }))
    if (line.trim() !== '') yield JSON.parse(line);
}

export const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Writes an export into a folder that must not exist yet. */
export async function writeExport(out: string, source: string, lines: AsyncIterable<Line>): Promise<void> {
  await mkdir(out);
  await mkdir(path.join(out, 'files'));
  const text = async function* () {
    yield `${JSON.stringify({ type: 'header', format: 'coucou-export', version: 1, source })}\n`;
    for await (const line of lines) yield `${JSON.stringify(line)}\n`;
  };
  await pipeline(text, createWriteStream(path.join(out, 'account.ndjson'), { flags: 'wx' }));
}

/** Copies the first of these files that is there into the export, for a line `attachment`. Only from within the folder of the source, and by no link. */
export async function copyInto(out: string, name: string, folder: string, candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) {
    const from = path.resolve(folder, candidate);
    if (!from.startsWith(path.resolve(folder) + path.sep)) continue;
    const [root, real] = await Promise.all([folder, from].map((each) => realpath(each).catch(() => undefined)));
    if (root === undefined || real !== path.join(root, path.relative(folder, from)) || !(await stat(real)).isFile()) continue;
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
