import { findIdleTransaction, inspectDatabase, inspectServer } from '@coucou/postgres/inspection';
import { inspectStandby } from '@coucou/postgres/standby/inspect';
import { databaseStatus } from '@coucou/postgres/schema/migrate';
import { schemaSets } from '../composition/features.ts';
import type { Config } from '../config.ts';
import { explainDatabaseError, type PostgresAddress } from '../start/database.ts';
import { StartError } from '../start/start-error.ts';
import { compareClocks, fault, type Finding, ok, warning } from './finding.ts';

/** In the words of PostgreSQL's `server_version_num`. */
const OLDEST = 150_000;
/** No transaction of the server is idle for so long. */
const IDLE_SECONDS = 60;
/** More than a moment of writing. */
const BEHIND_BYTES = 16 * 1_048_576;

export async function checkDatabase({ database, mode }: Pick<Config, 'database' | 'mode'>): Promise<readonly Finding[]> {
  if (database.kind === 'embedded') {
    const found = 'the embedded one, which survives a killed process but not a power cut';
    const fix = 'give it PostgreSQL 15 or newer with DATABASE_URL';
    return [mode === 'production' ? warning('database', found, fix) : ok('database', found)];
  }
  try {
    return [
      ...(await checkServer(database)),
      ...(await checkLogin(database, mode)),
      await checkSchema(database, mode),
      ...(await checkOwner(database)),
      ...(await checkStandby(database)),
      ...(await checkIdle(database)),
    ];
  } catch (error) {
    return [unreachable('database', error, database)];
  }
}

async function checkServer({ url }: PostgresAddress): Promise<Finding[]> {
  const before = Date.now();
  const { version, versionNumber, isReadOnly, at } = await inspectServer(url);
  const clock = compareClocks('the database', at, [before, Date.now()]);
  return [
    versionNumber >= OLDEST
      ? ok('database', `PostgreSQL ${version}`)
      : fault('database', `PostgreSQL ${version}`, 'upgrade it to PostgreSQL 15 or newer'),
    ...(isReadOnly
      ? [fault('database', 'is read-only', 'point DATABASE_URL at the primary, or set default_transaction_read_only to off')]
      : []),
    clock,
  ];
}

async function checkLogin({ url }: PostgresAddress, mode: Config['mode']): Promise<Finding[]> {
  const { login, powers, unsafe } = await inspectDatabase(url);
  const severe = mode === 'production' ? fault : warning;
  return [
    ...(['fsync', 'full_page_writes', 'synchronous_commit'] as const).map((name) =>
      unsafe.includes(name)
        ? severe(
            name,
            'is off: a crash may lose messages that were acknowledged',
            `as a superuser: ALTER SYSTEM SET ${name} = on; SELECT pg_reload_conf();`,
          )
        : ok(name, 'is on'),
    ),
    powers.length === 0
      ? ok('rights of the login', `${login} owns nothing and passes no policy`)
      : severe(
          'rights of the login',
          `${login} ${powers.join(', ')}, so row-level security does not keep accounts apart`,
          'log in as a role that owns nothing, such as the one that `deploy/init sql` makes, with the owner in DATABASE_OWNER_URL',
        ),
  ];
}

async function checkSchema({ url }: PostgresAddress, mode: Config['mode']): Promise<Finding> {
  const { pending } = await databaseStatus(url, schemaSets);
  if (pending.length === 0) return ok('migrations', 'the schema is of this version');
  const found = `${pending.length} pending, ${pending[0]} first`;
  return mode === 'production'
    ? fault('migrations', found, 'run `pnpm cli migrate` with the owner’s DATABASE_OWNER_URL')
    : ok('migrations', `${found}; the next start applies them`);
}

/** The owner is needed for migrations only. */
async function checkOwner(database: PostgresAddress): Promise<Finding[]> {
  if (database.ownerUrl === database.url) return [];
  try {
    const { login } = await inspectDatabase(database.ownerUrl);
    return [ok('owner', `${login} can log in`)];
  } catch (error) {
    return [unreachable('owner', error, { ...database, url: database.ownerUrl })];
  }
}

/** The server works without it. */
async function checkStandby({ url, ownerUrl, readUrl }: PostgresAddress): Promise<Finding[]> {
  if (readUrl === undefined) return [];
  try {
    const { follows, isSame, behindBytes } = await inspectStandby({ url, readUrl });
    if (!follows)
      return [warning('standby', 'is no standby, or was promoted', 'point DATABASE_READ_URL at a streaming standby, or remove it')];
    if (!isSame)
      return [
        warning(
          'standby',
          'is of another system, timeline or database than the primary',
          'after a fail-over wait for its next restart point, or make it anew with pg_basebackup or pg_rewind',
        ),
      ];
    const behind = `${Math.ceil(behindBytes / 1_048_576)} MiB behind the primary`;
    return behindBytes > BEHIND_BYTES
      ? [
          warning(
            'standby',
            behind,
            'look whether it replays (pg_stat_replication on the primary); the primary answers all reads meanwhile',
          ),
        ]
      : [ok('standby', 'follows the primary')];
  } catch (error) {
    const explained = explainDatabaseError(error, { kind: 'postgres', url: readUrl, ownerUrl, backupUrl: ownerUrl });
    if (!(explained instanceof StartError))
      return [warning('standby', 'cannot be compared with the primary', 'look at the findings above')];
    const [found = '', ...fix] = explained.message.split('; ');
    return [warning('standby', found, fix.join('; ').replaceAll('DATABASE_URL', 'DATABASE_READ_URL'))];
  }
}

/** Counters are rows that change with each message: their old versions pile up while a transaction of anybody may still want to see them. */
async function checkIdle({ ownerUrl }: PostgresAddress): Promise<Finding[]> {
  const idle = await findIdleTransaction(ownerUrl, IDLE_SECONDS).catch(() => undefined);
  if (idle === undefined) return [];
  const { pid, login, application, seconds } = idle;
  return [
    warning(
      'idle transaction',
      `the session ${pid} of ${login}${application === '' ? '' : ` (${application})`} has been idle in a transaction for ${seconds} s: busy conversations become slower the longer it lasts`,
      `end it: SELECT pg_terminate_backend(${pid}); and so that there is none: ALTER ROLE ${JSON.stringify(login)} SET idle_in_transaction_session_timeout = '1min';`,
    ),
  ];
}

function unreachable(about: string, error: unknown, database: PostgresAddress): Finding {
  const explained = explainDatabaseError(error, database);
  if (!(explained instanceof StartError)) throw explained;
  // "…; what to do", as for a start that fails.
  const [found = '', ...fix] = explained.message.split('; ');
  return fault(about, found, fix.join('; '));
}
