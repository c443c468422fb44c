import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeBackUp } from '../backup/write-back-up.ts';
import { UsageError } from '../cli/command.ts';
import { noProgress } from '../cli/progress.ts';
import type { AdminCommand } from './admin-command.ts';

const help = `pnpm cli backup <folder>              writes the database and all files that it names into a new folder
pnpm cli backup --no-files <folder>   the database alone

pnpm cli backup coucou-2026-01-31

A folder with manifest.json, the rows of each table as compressed NDJSON and the files, each with its hash; \`pnpm cli restore\` reads it, into
PostgreSQL or an embedded database. All rows are of one moment, and are counted; files are copied after them, so that every row has its file. The folder appears
whole, or not at all. Safe to run while servers run: PostgreSQL is read by the login of DATABASE_BACKUP_URL (or DATABASE_OWNER_URL, or DATABASE_URL), which must
pass row-level security (BYPASSRLS); an embedded database is copied by the running server, which answers nobody while it copies the rows. A secret key that the
server made (DATA_DIR/secret-key) is in it, SECRET_KEY is not. The exit code is 1 as well where a file is missing in the store; the back-up is kept then.`;

/** Into a folder that is there, and which the command line gives its name. */
export const backup: AdminCommand = {
  help,
  usesFiles: true,
  localize: (args) => args.map((arg) => (arg.startsWith('-') ? arg : resolve(arg))),
  prepare(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { 'no-files': { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const [folder] = positionals;
    if (folder === undefined || positionals.length !== 1) throw new UsageError('name one folder');
    return async ({ ports, print, progress = noProgress }) => {
      const { tables, others = [], files } = await writeBackUp(ports, folder, { files: !values['no-files'], progress });
      for (const { rows, name } of tables) if (rows > 0) print(`${String(rows).padStart(12)}  ${name}`);
      for (const name of others) print(`Skipped the table ${name}, which is not the product's.`);
      const rows = tables.reduce((sum, table) => sum + table.rows, 0);
      print(
        `${rows} rows of ${tables.length} tables, as many as the database has${files ? `; ${files.count} files of ${files.bytes} bytes` : ''}.`,
      );
    };
  },
};
