import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { DataCopy } from '@coucou/application/ports/data-export';
import { createDiskStore } from '@coucou/files/disk-store';
import { createDataExport } from '@coucou/postgres/backup/data-export';
import { importData, isInUse } from '@coucou/postgres/backup/data-import';
import { migrateSession } from '@coucou/postgres/schema/migrate';
import { schemaSets } from '../composition/features.ts';
import { type Config, loadProcessConfig } from '../config.ts';
import { explainDatabaseError } from '../start/database.ts';
import { openStore } from '../start/files.ts';
import { type Undo, unwind } from '../start/undo.ts';
import { type Command, CommandError, print, UsageError } from './command.ts';
import { openOwner } from './open-owner.ts';
import { progressOn } from './progress.ts';
import { explainImport, notEmpty } from './restore.ts';
import { verifyWhole } from './verify-whole.ts';

const help = `pnpm cli move --to <url>   copies the embedded database into an empty PostgreSQL database, and checks all of it

Stop the server first. <url> is that of the database's owner, who may create roles (DATABASE_OWNER_URL later). Every row is copied and counted in one
transaction; the epoch stays, so that clients go on with what they hold. Files stay in DATA_DIR, or are copied into the bucket where S3_BUCKET is set. Nothing in
DATA_DIR is changed but its schema, which is brought up to date: to go back, start without DATABASE_URL. Afterwards set DATABASE_URL and DATABASE_OWNER_URL, run
\`pnpm cli migrate\`, which lets the server's login in, keep DATA_DIR or SECRET_KEY, and start.`;

export const move: Command = {
  help,
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { to: { type: 'string' } } });
    const { to } = values;
    if (to === undefined || !/^postgres(ql)?:\/\//.test(to) || !URL.canParse(to))
      throw new UsageError('--to takes the URL of a PostgreSQL database');
    const config = loadProcessConfig();
    if (config.database.kind !== 'embedded')
      throw new CommandError(
        'DATABASE_URL is set: this server uses PostgreSQL already; leave it out to move the embedded database of DATA_DIR',
      );
    if (!existsSync(join(config.dataDir, 'database'))) throw new CommandError(`${config.dataDir} has no database`);
    const database = { kind: 'postgres', url: to, ownerUrl: to, backupUrl: to } as const;
    const target: Config = { ...config, database };
    const undo: Undo = [];
    try {
      const source = await openOwner(config, undo);
      const pool = await openOwner(target, undo);
      if (await pool.use(isInUse)) throw notEmpty();
      await source.use((session) => migrateSession(session, { schemaSets, alone: true }));
      await createDataExport(source, schemaSets).read(async (copy) => {
        const total = copy.tables.reduce((sum, table) => sum + table.rows, 0);
        const bar = progressOn().of('rows', total);
        await pool.use((session) => importData(session, copy, { schemaSets, newEpoch: false, onRows: bar.add }));
        bar.end();
        print(`Moved ${total} rows; the epoch is the same.`);
        if (config.s3 !== undefined) print(`Copied ${await copyFiles(config, copy)} files into the bucket.`);
      });
    } catch (error) {
      throw explainImport(error, (other) => explainDatabaseError(other, database));
    } finally {
      await unwind(undo, (error) => print(`a resource could not be closed: ${String(error)}`));
    }
    await verifyWhole(target, { files: true, lost: new Set() });
  },
};

/** What is in the bucket already stays: an interrupted copy goes on. */
async function copyFiles(config: Config, copy: DataCopy): Promise<number> {
  const { store, bucket } = openStore(config);
  const own = createDiskStore(join(config.dataDir, 'uploads'));
  const bar = progressOn().of('files');
  let copied = 0;
  try {
    for await (const files of copy.files())
      for (const { key } of files) {
        const kept = await own.head(key);
        if (kept === undefined || (await store.head(key))?.size === kept.size) continue;
        const body = await own.get(key);
        if (body === undefined) continue;
        await store.put(key, body, { maxBytes: kept.size });
        bar.add(1);
        copied += 1;
      }
    return copied;
  } finally {
    bar.end();
    bucket?.close();
  }
}
