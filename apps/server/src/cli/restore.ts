import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createDiskStore } from '@coucou/files/disk-store';
import { DamagedCopyError, importData, isInUse, NotEmptyError } from '@coucou/postgres/backup/data-import';
import { createPglitePool } from '@coucou/postgres/kit/pglite-pool';
import type { Session } from '@coucou/postgres/kit/session';
import { migrateDatabase } from '@coucou/postgres/schema/migrate';
import { SchemaNewerError } from '@coucou/postgres/schema/needs';
import { checkContents, keptFiles, missingFiles, requireKnownSchema } from '../backup/check-back-up.ts';
import { readLines } from '../backup/kept-lines.ts';
import { damaged, keptPath } from '../backup/kept-path.ts';
import { type Manifest, readManifest } from '../backup/manifest.ts';
import { schemaSets } from '../composition/features.ts';
import { type Config, loadProcessConfig } from '../config.ts';
import { createOnce } from '../start/create-once.ts';
import { prepareDataDir } from '../start/data-dir.ts';
import { explainDatabaseError, runtimeUser } from '../start/database.ts';
import { openStore } from '../start/files.ts';
import { codeOf } from '../start/start-error.ts';
import { type Undo, unwind } from '../start/undo.ts';
import { type Command, CommandError, print, UsageError } from './command.ts';
import { lockEmbedded, openOwner } from './open-owner.ts';
import { progressOn } from './progress.ts';
import { verifyWhole } from './verify-whole.ts';

const help = `pnpm cli restore <folder>   puts a back-up (\`pnpm cli backup\`) into an empty database, with its files, and checks all of it

Stop the servers first. DATABASE_OWNER_URL (or DATABASE_URL) says where: a database that holds nobody, whose login may create roles; it is migrated to the
schema of this version. Without DATABASE_URL the embedded database is made in DATA_DIR, which must have none. A back-up of either goes into either. Files go into the
store that is configured. The hashes of the whole back-up are checked first, and the rows appear all at once or not at all. The database gets a new epoch, so that
clients start over (\`pnpm cli restored\`), and everything is verified in the end (\`pnpm cli verify\`); the exit code is 1 where something is wrong.`;

/** The server made it for itself (start/data-dir.ts). */
const SECRET = 'secret-key';

export const restore: Command = {
  help,
  async run(args) {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
    const [given] = positionals;
    if (given === undefined || positionals.length !== 1) throw new UsageError('name one folder');
    const folder = resolve(given);
    const config = loadProcessConfig();
    const manifest = await readManifest(folder);
    requireKnownSchema(manifest);
    const progress = progressOn();
    await checkContents(folder, manifest, progress);
    const secret = await readSecret(folder);
    const undo: Undo = [];
    try {
      const load = await openTarget(config, undo);
      await putFiles(config, folder, manifest);
      const bar = progress.of(
        'rows',
        manifest.tables.reduce((sum, { rows }) => sum + rows, 0),
      );
      const data = {
        description: manifest,
        tables: manifest.tables,
        rowsOf: ({ name }: { name: string }) => readLines(folder, manifest.tables.find((table) => table.name === name) ?? { path: '' }),
      };
      const epoch = await load((session) => importData(session, data, { schemaSets, newEpoch: true, onRows: bar.add }));
      bar.end();
      const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
      print(`Restored ${rows} rows of ${manifest.createdAt}${manifest.files ? ` and ${manifest.files.count} files` : ''}.`);
      print(`The epoch is now ${epoch}: clients start over.`);
      await putSecret(config, folder, secret);
    } catch (error) {
      const { database } = config;
      throw explainImport(error, (other) => (database.kind === 'embedded' ? other : explainDatabaseError(other, database)));
    } finally {
      await unwind(undo, (error) => print(`a resource could not be closed: ${String(error)}`));
    }
    await verifyWhole(config, { files: manifest.files !== undefined, lost: await missingFiles(folder, manifest) });
  },
};

type Load = <T>(work: (session: Session) => Promise<T>) => Promise<T>;

/** Refuses a target that holds somebody, before anything is written. */
async function openTarget(config: Config, undo: Undo): Promise<Load> {
  const { database, dataDir } = config;
  if (database.kind === 'embedded') {
    await lockEmbedded(dataDir, undo);
    const directory = join(dataDir, 'database');
    const [made, marked] = [await readdir(directory).catch(() => []), await readFile(`${directory}.unfinished`).catch(() => undefined)];
    if (made.length > 0 && marked === undefined)
      throw new CommandError(`${dataDir} has a database already; restore into another DATA_DIR, or move that one away`);
    return (work) =>
      createOnce(directory, async () => {
        const pool = await createPglitePool({ directory });
        try {
          return await pool.use(work);
        } finally {
          await pool.end();
        }
      });
  }
  const pool = await openOwner(config, undo);
  if (await pool.use(isInUse)) throw notEmpty();
  return async (work) => {
    const done = await pool.use(work);
    // Lets the login of the server take the runtime roles.
    await migrateDatabase({ ownerUrl: database.ownerUrl, ...runtimeUser(database), schemaSets });
    return done;
  };
}

export const notEmpty = () => new CommandError('the database holds people or conversations already; restore into an empty one');

/** What an import throws as a sentence; `explainOther` is asked about everything else. */
export function explainImport(error: unknown, explainOther: (error: unknown) => unknown): unknown {
  if (error instanceof NotEmptyError) return notEmpty();
  if (error instanceof DamagedCopyError) return new CommandError(`nothing was copied: ${error.message}`, { cause: error });
  if (error instanceof SchemaNewerError)
    return new CommandError('the schema of the database is newer than that of the back-up; drop it and create it again', { cause: error });
  return error instanceof CommandError ? error : explainOther(error);
}

/** Before the rows: files without rows are harmless. */
async function putFiles(config: Config, folder: string, manifest: Manifest): Promise<void> {
  const { store, bucket } = openStore(config);
  const kept = createDiskStore(join(folder, 'files'));
  const bar = progressOn().of('files', manifest.files?.count);
  try {
    for await (const { key, size } of keptFiles(folder, manifest)) {
      const body = await kept.get(key);
      if (body === undefined) throw damaged(`files/${key} is gone`);
      await store.put(key, body, { maxBytes: size });
      bar.add(1);
    }
  } finally {
    bar.end();
    bucket?.close();
  }
}

/** Before anything is written. A back-up may have none. */
async function readSecret(folder: string): Promise<string | undefined> {
  try {
    return await readFile(await keptPath(folder, SECRET), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error instanceof CommandError ? error : damaged(`${SECRET} cannot be read (${codeOf(error)})`, { cause: error });
  }
}

/** What is sealed in the database opens with the key that it was sealed by. */
async function putSecret({ dataDir, secretKey }: Config, folder: string, kept: string | undefined): Promise<void> {
  if (kept === undefined) return;
  const target = join(dataDir, SECRET);
  const own = secretKey ?? (await readFile(target, 'utf8').catch((error: unknown) => (codeOf(error) === 'ENOENT' ? undefined : '')));
  if (own === undefined) {
    // Neither the database nor the files need be in there.
    await prepareDataDir(dataDir);
    await writeFile(target, kept, { mode: 0o600, flush: true });
  } else if (own.trim() !== kept.trim())
    print(
      `The back-up has another secret key than this server: everyone must sign in again, unless you use the one in ${folder}/${SECRET}.`,
    );
}
