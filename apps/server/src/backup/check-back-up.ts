import { coreSchema } from '@coucou/postgres/schema/core-schema';
import { CommandError } from '../cli/command.ts';
import type { Progress } from '../cli/progress.ts';
import { schemaSets } from '../composition/features.ts';
import { codeOf } from '../start/start-error.ts';
import { measure, readLines } from './kept-lines.ts';
import { damaged } from './kept-path.ts';
import { FileLine, type KeptFile, type Manifest } from './manifest.ts';

/** Throws a `CommandError` for a back-up of a schema that this version does not know, or that no version has. */
export function requireKnownSchema({ migrations, product }: Manifest): void {
  const sets = [coreSchema, ...schemaSets];
  const unknown = Object.entries(migrations).flatMap(([name, applied]) => {
    const known = sets.find((set) => set.name === name)?.migrations ?? {};
    return applied.filter((migration) => !Object.hasOwn(known, migration)).map((migration) => `${name}/${migration}`);
  });
  if (unknown.length > 0)
    throw new CommandError(
      `the back-up is of version ${product}, whose schema is newer: this version does not know ${unknown.slice(0, 3).join(', ')}${unknown.length > 3 ? ' and more' : ''}`,
    );
  // Its rows would be stored before the missing migration turns out to come before one that is applied.
  for (const { name, migrations: known } of sets) {
    const applied = new Set(migrations[name]);
    const names = Object.keys(known);
    const missing = names.findIndex((migration) => !applied.has(migration));
    const last = names.findLastIndex((migration) => applied.has(migration));
    if (name === coreSchema.name && last < 0) throw damaged('its manifest.json lists no migration');
    if (missing >= 0 && missing < last)
      throw damaged(`its manifest.json lists the migration ${name}/${names[last]}, but not ${name}/${names[missing]} before it`);
  }
}

/** Reads all of the back-up and compares it with what was written; throws a `CommandError` that names the first file that is another. */
export async function checkContents(folder: string, manifest: Manifest, progress: Progress): Promise<void> {
  const lists = [...manifest.tables, ...(manifest.files === undefined ? [] : [manifest.files.list])];
  const bar = progress.of(
    'bytes checked',
    lists.reduce((sum, { bytes }) => sum + bytes, manifest.files?.bytes ?? 0),
  );
  const check = async (kept: KeptFile) => {
    const found = await measure(folder, kept.path).catch((error: unknown) => {
      throw error instanceof CommandError ? error : damaged(`${kept.path} cannot be read (${codeOf(error)})`, { cause: error });
    });
    if (found.bytes !== kept.bytes || found.sha256 !== kept.sha256) throw damaged(`${kept.path} is not what was written`);
    bar.add(found.bytes);
  };
  for (const list of lists) await check(list);
  let count = 0;
  for await (const file of keptFiles(folder, manifest)) {
    await check({ path: `files/${file.key}`, bytes: file.size, sha256: file.sha256 });
    count += 1;
  }
  if (manifest.files !== undefined && count !== manifest.files.count)
    throw damaged(`${manifest.files.list.path} has ${count} files, and should have ${manifest.files.count}`);
  bar.end();
}

/** The files that are in the back-up. */
export async function* keptFiles(folder: string, manifest: Manifest): AsyncIterable<Exclude<FileLine, { missing: true }>> {
  for await (const file of listed(folder, manifest)) if (!('missing' in file)) yield file;
}

/** The keys of those that were not in the store when it was written. */
export async function missingFiles(folder: string, manifest: Manifest): Promise<ReadonlySet<string>> {
  const missing = new Set<string>();
  for await (const file of listed(folder, manifest)) if ('missing' in file) missing.add(file.key);
  return missing;
}

async function* listed(folder: string, { files }: Manifest): AsyncIterable<FileLine> {
  if (files === undefined) return;
  for await (const lines of readLines(folder, files.list))
    for (const line of lines) {
      const { success, data } = FileLine.safeParse(parsed(line));
      if (!success) throw damaged(`${files.list.path} has a line that names no file`);
      yield data;
    }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
