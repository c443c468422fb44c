// `pnpm check` runs this: squawk, a linter of migrations for PostgreSQL, over the SQL of every migration since the first release. It finds what locks a
// table that is in use, and what breaks nodes of the version before.
import { faultsOf, newMigrations } from '../tests/deploy/migration-lint.ts';

const migrations = newMigrations();
const faults = (await Promise.all(migrations.map(([name, migration]) => faultsOf(migration, name)))).flat();
for (const { migration, line, rule, message } of faults) console.log(`${migration}, line ${line} of its SQL: ${rule}\n  ${message}`);
console.log(`${migrations.length} migrations since the first release, ${faults.length} faults. What to do: CONTRIBUTING.md`);
process.exitCode = faults.length === 0 ? 0 : 1;
