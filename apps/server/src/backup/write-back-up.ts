import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DataChecks, type NamedFile } from '@coucou/application/ports/data-checks';
import { type DataCopy, DataExport } from '@coucou/application/ports/data-export';
import { FileStore } from '@coucou/application/ports/file-store';
import { createDiskStore } from '@coucou/files/disk-store';
import type { AdminContext } from '../admin/admin-command.ts';
import { CommandError } from '../cli/command.ts';
import type { Progress } from '../cli/progress.ts';
import { codeOf } from '../start/start-error.ts';
import { version } from '../version.ts';
import { hashing, readLines, writeLines } from './kept-lines.ts';
import { type FileLine, FORMAT, type Manifest, writeManifest } from './manifest.ts';

/** Files that are copied at once. */
const AT_ONCE = 8;
/** The files that the copied rows name; only while they are copied. */
const NAMED = 'named.ndjson.gz';

const diskFaults = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EACCES', 'ENOENT'];

type Ports = AdminContext['ports'];

/**
 * Writes a back-up into an empty folder: all rows as they were at one moment, then the files that they name, and last the manifest. Every row is counted: fewer or
 * more than the database has fail it.
 */
export async function writeBackUp(
  ports: Ports,
  folder: string,
  { files, progress }: Readonly<{ files: boolean; progress: Progress }>,
): Promise<Manifest> {
  const createdAt = new Date().toISOString();
  try {
    const database = await ports.resolve(DataExport).read((copy) => writeDatabase(copy, folder, { files, progress }));
    const copied = files ? { files: await copyFiles(ports, folder, progress) } : {};
    const manifest = { format: FORMAT, product: version, createdAt, ...database, ...copied } as const;
    await writeManifest(folder, manifest);
    return manifest;
  } catch (error) {
    const code = codeOf(error) ?? '';
    throw diskFaults.includes(code) ? new CommandError(`the back-up cannot be written (${code})`, { cause: error }) : error;
  }
}

async function writeDatabase(
  copy: DataCopy,
  folder: string,
  { files, progress }: Readonly<{ files: boolean; progress: Progress }>,
): Promise<Pick<Manifest, 'engine' | 'epoch' | 'migrations' | 'folding' | 'tables' | 'others'>> {
  const { engine, epoch, folding, migrations } = copy.description;
  const bar = progress.of(
    'rows',
    copy.tables.reduce((sum, { rows }) => sum + rows, 0),
  );
  const tables: Manifest['tables'] = [];
  for (const { name, columns, rows } of copy.tables) {
    let written = 0;
    const counted = (async function* () {
      for await (const lines of copy.rowsOf({ name, columns })) {
        written += lines.length;
        bar.add(lines.length);
        yield lines;
      }
    })();
    const kept = await writeLines(folder, `database/${name}.ndjson.gz`, counted);
    if (written !== rows) throw new CommandError(`${name} has ${rows} rows, and ${written} were written; nothing was kept`);
    tables.push({ ...kept, name, columns: [...columns], rows });
  }
  if (files) await writeLines(folder, NAMED, named(copy));
  bar.end();
  return {
    engine,
    epoch,
    folding,
    migrations: Object.fromEntries(Object.entries(migrations).map(([set, names]) => [set, [...names]])),
    tables,
    ...(copy.others.length > 0 && { others: [...copy.others] }),
  };
}

async function* named(copy: DataCopy): AsyncIterable<readonly string[]> {
  for await (const files of copy.files()) yield files.map((file) => JSON.stringify(file));
}

/** After the rows: each file that they name was there by then. One that is gone since belongs to something that was deleted. */
async function copyFiles(ports: Ports, folder: string, progress: Progress): Promise<NonNullable<Manifest['files']>> {
  const store = ports.resolve(FileStore);
  const data = ports.resolve(DataChecks);
  const target = createDiskStore(join(folder, 'files'));
  const total = { count: 0, bytes: 0, missing: 0 };
  const bar = progress.of('files');
  const copy = async ({ key }: NamedFile): Promise<FileLine> => {
    const body = await store.get(key);
    if (body === undefined) return { key, missing: true };
    const hashed = hashing();
    const size = await target.put(key, hashed.wrap(body), { maxBytes: Number.MAX_SAFE_INTEGER });
    bar.add(1);
    return { key, size, sha256: hashed.result().sha256 };
  };
  const lines = (async function* () {
    for await (const batch of readLines(folder, { path: NAMED })) {
      const files = batch.map((line) => JSON.parse(line) as NamedFile);
      for (let from = 0; from < files.length; from += AT_ONCE) {
        const copied = await Promise.all(files.slice(from, from + AT_ONCE).map(copy));
        const gone = copied.flatMap((line) => ('missing' in line ? [line.key] : []));
        total.missing += gone.length === 0 ? 0 : (await data.stillNamed(gone)).size;
        for (const line of copied) if (!('missing' in line)) [total.count, total.bytes] = [total.count + 1, total.bytes + line.size];
        yield copied.map((line) => JSON.stringify(line));
      }
    }
  })();
  const list = await writeLines(folder, 'files.ndjson.gz', lines);
  await rm(join(folder, NAMED));
  bar.end();
  return { list, ...total };
}
