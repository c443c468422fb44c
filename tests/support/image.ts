import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { PGlite } from '@electric-sql/pglite';
import { migrateSession } from '@coucou/postgres/schema/migrate';
import { schemaSets } from '@coucou/server/composition/features';
import { createPglitePool } from '@coucou/postgres/kit/pglite-pool';
import { fingerprint, kept } from './kept.ts';

/**
 * The embedded database, migrated once and copied by whatever starts on one: `initdb` takes eight seconds of processor time, the
 * migrations take one, a copy opens in a third of one. Two files in .cache/pglite hold it: the empty cluster, which changes with
 * the version of PGlite, and the migrated one, which changes with any source that could shape the schema.
 */

const root = path.resolve(import.meta.dirname, '../..');
const cache = path.join(root, '.cache/pglite');

/** Whatever shapes a freshly migrated database, features' own tables included. Too much is harmless: only the migrations run again. */
const sources = globSync(['packages/infrastructure/postgres/src', 'packages/*/{,src/}storage'], { cwd: root })
  .toSorted()
  .map((folder) => path.join(root, folder));
const engine = createRequire(import.meta.url).resolve('@electric-sql/pglite');
/** The package's folder carries its version, and the wasm and the template of the cluster lie beside the entry. */
const engineSources = [path.join(path.dirname(engine), '../package.json'), import.meta.filename];

/** As they are when this process loads them. */
const loaded = Promise.all([fingerprint(engineSources), fingerprint([...engineSources, ...sources])]);

let image: Promise<Buffer<ArrayBuffer>> | undefined;

/** A migrated database for `createPglitePool({ load })` and for servers in this process. */
export const migratedImage = async (): Promise<Blob> => new Blob([await (image ??= findImage())]);

/** Puts a migrated database where a server will look for its own, before its first start. */
export async function unpackImage(dataDirectory: string): Promise<void> {
  const directory = path.join(dataDirectory, 'database');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const unpacking = promisify(execFile)('tar', ['-xf', '-', '-C', directory]);
  unpacking.child.stdin?.end(await (image ??= findImage()));
  await unpacking;
}

async function findImage(): Promise<Buffer<ArrayBuffer>> {
  const [cluster, migrated] = await loaded;
  const isCurrent = async () => (await fingerprint([...engineSources, ...sources])) === migrated;
  const make = async () => migrate(await kept(path.join(cache, `cluster-${cluster}.tar`), makeCluster));
  return kept(path.join(cache, `migrated-${migrated}.tar`), make, isCurrent);
}

/**
 * An empty cluster as small as it goes, for its size is what a copy costs: short WAL segments, and no template databases, from which
 * nothing will be made. Half of the time of a start went into clearing 128 MB of buffers that no test fills.
 */
async function makeCluster(): Promise<Buffer<ArrayBuffer>> {
  const lite = await PGlite.create({
    initDbStartParams: ['--wal-segsize=1'],
    postgresqlconf: ['shared_buffers = 4MB', 'min_wal_size = 2MB'],
  });
  await lite.query('update pg_database set datistemplate = false');
  for (const name of ['template0', 'template1']) await lite.query(`drop database ${name}`);
  await lite.query('checkpoint');
  const dump = await lite.dumpDataDir('none');
  await lite.close();
  return Buffer.from(await dump.arrayBuffer());
}

async function migrate(cluster: Buffer<ArrayBuffer>): Promise<Buffer<ArrayBuffer>> {
  const pool = await createPglitePool({ load: new Blob([cluster]) });
  await pool.use(async (session) => {
    await migrateSession(session, { schemaSets });
    await session.script('checkpoint');
  });
  const dump = await pool.dump();
  await pool.end();
  return Buffer.from(await dump.arrayBuffer());
}
