import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { countDump, type Dumped } from '@coucou/postgres/backup/dump-counter';
import { type Counts, inSnapshot } from '@coucou/postgres/backup/snapshot';
import { childEnvironment, loadProcessConfig } from '../config.ts';
import { backUpLogin, explainDatabaseError } from '../start/database.ts';
import { codeOf } from '../start/start-error.ts';
import { type Command, CommandError, print } from './command.ts';

const help = `pnpm cli backup <file>   writes the whole database to <file>, plain SQL compressed with gzip; it must not exist yet

Runs pg_dump, which must be in the PATH and as new as the server, and counts the rows that it writes against those of the database in the same
snapshot: a back-up that lacks rows is refused. DATABASE_BACKUP_URL (or DATABASE_OWNER_URL, or DATABASE_URL) says where; its login must pass
row-level security (BYPASSRLS), which is forced on the owner too. Safe to run while servers run. Attachments are not in it: copy DATA_DIR/uploads, or
the bucket, afterwards. To restore: gunzip -c <file> | psql --set ON_ERROR_STOP=1 --single-transaction <url of an empty database>, then
pnpm cli restored.`;

export const backup: Command = {
  help,
  async run(args) {
    const { positionals } = parseArgs({ args: [...args], allowPositionals: true });
    const [file] = positionals;
    if (file === undefined || positionals.length !== 1) throw new CommandError(`name one file:\n\n${help}`);
    const { database, dataDir } = loadProcessConfig();
    if (database.kind === 'embedded')
      throw new CommandError(`the embedded database is backed up as files: stop the server and copy ${dataDir}, with everything in it`);
    if (await exists(file)) throw new CommandError(`${file} exists already; name another file`);
    try {
      const counts = await inSnapshot(database.backupUrl, (snapshot, expected) => write(file, database.backupUrl, snapshot, expected));
      const rows = [...counts.values()].reduce((sum, count) => sum + count, 0);
      for (const [table, count] of counts) print(`${String(count).padStart(12)}  ${table}`);
      print(`Wrote ${file}: ${rows} rows of ${counts.size} tables, as many as the database has.`);
    } catch (error) {
      throw explainDatabaseError(error, backUpLogin(database));
    }
  },
};

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The file appears whole and counted, or not at all. */
async function write(file: string, url: string, snapshot: string, expected: Counts): Promise<Counts> {
  const partial = `${file}.partial`;
  const handle = await open(partial, 'wx', 0o600).catch((error: unknown) => {
    throw new CommandError(`${partial} cannot be written (${codeOf(error)})`, { cause: error });
  });
  try {
    requireWhole(await dump(handle, url, snapshot), expected);
    await rename(partial, file);
    return expected;
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}

/** Closes the handle when all of it is on the disk. */
async function dump(handle: FileHandle, url: string, snapshot: string): Promise<Dumped> {
  const { password } = new URL(url);
  const address = new URL(url);
  // Arguments are readable by everybody on the machine.
  address.password = '';
  const child = spawn('pg_dump', ['--format=plain', '--encoding=UTF8', `--snapshot=${snapshot}`, `--dbname=${address.href}`], {
    env: childEnvironment({ PGPASSWORD: decodeURIComponent(password) }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-2_000)));
  const ended = once(child, 'close').catch((error: unknown) => {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new CommandError('pg_dump is not in the PATH; install the client programs of PostgreSQL, as new as the server', { cause: error });
  });
  const counter = countDump();
  const written = pipeline(child.stdout, counter, createGzip(), handle.createWriteStream({ flush: true })).catch((error: unknown) => {
    child.kill();
    throw new CommandError(`the back-up cannot be written (${codeOf(error) ?? String(error)})`, { cause: error });
  });
  const [[code]] = (await Promise.all([ended, written])) as unknown as [[number | null]];
  if (code !== 0) throw new CommandError(`pg_dump failed: ${complaint.trim()}`);
  return counter.dumped();
}

function requireWhole({ rows, isComplete }: Dumped, expected: Counts): void {
  if (!isComplete) throw new CommandError('pg_dump ended before its last line; nothing was kept');
  const missing = [...expected]
    .filter(([table, count]) => (rows.get(table) ?? 0) !== count)
    .map(([table, count]) => `${table} has ${count} rows, and ${rows.get(table) ?? 0} were written`);
  if (missing.length > 0) throw new CommandError(`rows are missing, so nothing was kept: ${missing.join('; ')}`);
}
