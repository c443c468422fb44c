import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { kyselyOn } from '@coucou/postgres/kit/session';
import { coreSchema } from '@coucou/postgres/schema/core-schema';
import type { Migration } from '@coucou/postgres/schema/schema-set';
import { schemaSets } from '@coucou/server/composition/features';

/** The last migration of each set before there was a release: these ran on empty tables, or on those of development. */
const BEFORE_RELEASE: Readonly<Record<string, string>> = {
  billing: '0001-billing',
  corporate_numbers: '0001-corporate-numbers',
  coucou: '0050-trimming',
  custom_emoji: '0001-custom-emoji',
  integrations: '0001-integrations',
  link_previews: '0001-link-previews',
  polls: '0002-people',
  push: '0002-digests',
  retention: '0001-retention',
  saved_messages: '0002-trimmed-messages',
  user_groups: '0001-user-groups',
  webhooks: '0001-webhooks',
};

/** Rules that say nothing about locks or about older nodes, or what the migrator sees to itself. */
const LEFT_OUT = {
  'prefer-bigint-over-int': 'a smaller number is a decision of its schema',
  'prefer-bigint-over-smallint': 'as above',
  'require-lock-timeout': 'the migrator sets it for its connection (migrate.ts)',
  'require-statement-timeout': 'as above',
};

export type Fault = Readonly<{ migration: string; line: number; rule: string; message: string }>;

/** The statements of a migration, with their comments: the line `-- squawk-ignore <rule>` before one excuses it from that rule. */
async function sqlOf(migration: Migration): Promise<string> {
  const statements: string[] = [];
  const session = kyselyOn<unknown>((sql) => {
    statements.push(`${sql.trim()};\n`);
    return Promise.resolve({ rows: [], rowCount: 0 });
  });
  await migration.up(session);
  return statements.join('\n');
}

export async function faultsOf(migration: Migration, name: string): Promise<readonly Fault[]> {
  const bin = createRequire(import.meta.url).resolve('squawk-cli/js/bin/squawk');
  const options = ['--reporter', 'json', '--assume-in-transaction', '--pg-version', '15.0', '--stdin-filepath', name];
  const args = [bin, ...options, '--exclude', Object.keys(LEFT_OUT).join()];
  const { stdout, stderr, error } = spawnSync(process.execPath, args, { input: await sqlOf(migration), encoding: 'utf8' });
  if (error) throw error;
  if (!stdout.startsWith('[')) throw new Error(`squawk did not answer: ${stderr}`);
  const found = JSON.parse(stdout) as { line: number; rule_name: string; message: string; help?: string }[];
  return found.map(({ line, rule_name: rule, message, help = '' }) => ({
    migration: name,
    line,
    rule,
    message: `${message} ${help}`.trim(),
  }));
}

/** The migrations that are judged. */
export const newMigrations = (): [string, Migration][] =>
  [coreSchema, ...schemaSets].flatMap(({ name, migrations }) =>
    Object.entries(migrations)
      .filter(([migration]) => migration > (BEFORE_RELEASE[name] ?? ''))
      .map(([migration, step]): [string, Migration] => [`${name}/${migration}`, step]),
  );
