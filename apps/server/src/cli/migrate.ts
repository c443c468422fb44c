import { parseArgs } from 'node:util';
import { databaseStatus, migrateDatabase } from '@coucou/postgres/schema/migrate';
import { schemaSets } from '../composition/features.ts';
import { loadProcessConfig } from '../config.ts';
import { explainDatabaseError, runtimeUser } from '../start/database.ts';
import { type Command, print } from './command.ts';

const help = `pnpm cli migrate             brings the database to the schema of this version
pnpm cli migrate --status    says what is applied and what is pending
pnpm cli migrate --dry-run   says what would be applied, and applies nothing

DATABASE_OWNER_URL (or DATABASE_URL) says where; its login owns the tables and may create roles.
Several may run at once: one works, the others wait. Migrations only go forward; functions are applied again when their text has changed,
unless a newer version applied them. All of it is one transaction. Servers may run meanwhile; while one is older than a change needs, nothing
is applied, as \`pnpm cli upgrade --check\` says before. When this version compares text in another way (coucou/folding), names, listed words
and the entries of the message search are written again afterwards, in batches, while no server of an older version runs.`;

export const migrate: Command = {
  help,
  async run(args) {
    const { values } = parseArgs({ args: [...args], options: { status: { type: 'boolean' }, 'dry-run': { type: 'boolean' } } });
    const { database } = loadProcessConfig();
    if (database.kind === 'embedded') return print('The embedded database is migrated when the server starts.');
    try {
      if (values.status || values['dry-run']) {
        const { applied, pending } = await databaseStatus(database.ownerUrl, schemaSets);
        if (values.status) for (const name of applied) print(`applied  ${name}`);
        for (const name of pending) print(`pending  ${name}`);
        if (pending.length === 0) print('Nothing is pending.');
        return;
      }
      const { applied } = await migrateDatabase({ ownerUrl: database.ownerUrl, ...runtimeUser(database), schemaSets, log: print });
      print(applied.length === 0 ? 'The database is up to date.' : `Applied ${applied.length} change${applied.length === 1 ? '' : 's'}.`);
    } catch (error) {
      throw explainDatabaseError(error, database);
    }
  },
};
