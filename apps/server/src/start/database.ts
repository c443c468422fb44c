import type { Logger } from '@coucou/observability/logger';
import { HiddenRowsError } from '@coucou/postgres/backup/whole-database';
import { databaseStatus, migrateDatabase, NodesTooOldError, TablesInUseError } from '@coucou/postgres/schema/migrate';
import { SchemaNewerError } from '@coucou/postgres/schema/needs';
import { describeAhead, SchemaUnreleasedError } from '@coucou/postgres/schema/status';
import { inspectDatabase } from '@coucou/postgres/inspection';
import { OtherNodeError } from '@coucou/postgres/node-lock';
import type { SchemaSet } from '@coucou/postgres/schema/schema-set';
import type { Config } from '../config.ts';
import { codeOf, StartError } from './start-error.ts';

export type PostgresAddress = Extract<Config['database'], { kind: 'postgres' }>;

const userOf = (url: string): string => decodeURIComponent(new URL(url).username);

/** The login that serves requests, when it is another than the owner: the migrations let it take the runtime's role. */
export const runtimeUser = ({ url, ownerUrl }: PostgresAddress): { runtimeUser?: string } =>
  userOf(url) === userOf(ownerUrl) || userOf(url) === '' ? {} : { runtimeUser: userOf(url) };

/**
 * In development the schema is migrated at start; in production that is a separate step with the owner's rights, and a server
 * that is started before it refuses to.
 */
export async function prepareDatabase(
  { mode, allow }: Pick<Config, 'mode' | 'allow'>,
  database: PostgresAddress,
  schemaSets: readonly SchemaSet[],
  log: Logger,
): Promise<void> {
  try {
    if (mode !== 'production') {
      await migrateDatabase({
        ownerUrl: database.ownerUrl,
        ...runtimeUser(database),
        schemaSets,
        log: (line) => log.info(`schema: ${line}`),
      });
      return;
    }
    const { pending, ahead } = await databaseStatus(database.url, schemaSets);
    if (pending.length > 0) throw outOfDate(pending);
    if (ahead.length > 0) log.warn(`schema: ${describeAhead(ahead)}`);
    await requireSafety(database, allow);
  } catch (error) {
    throw explainDatabaseError(error, database);
  }
}

/** In production isolation must not rest on our statements alone, and an acknowledged message must survive a power cut. */
async function requireSafety({ url }: PostgresAddress, allow: Config['allow']): Promise<void> {
  const { login, powers, unsafe } = await inspectDatabase(url);
  if (powers.length > 0 && !allow.ownerLogin)
    throw new StartError(
      `the login ${login} of DATABASE_URL ${powers.join(', ')}, so row-level security does not keep accounts apart; log in as a role that owns nothing,` +
        ' such as the one that `deploy/init sql` makes, with the owner in DATABASE_OWNER_URL for migrations (ALLOW_OWNER_LOGIN=1 starts in spite of it)',
    );
  if (unsafe.length > 0 && !allow.unsafeDatabase)
    throw new StartError(
      `the database runs with ${unsafe.map((name) => `${name} = off`).join(', ')} and may lose acknowledged messages in a crash; switch it on` +
        ' (ALLOW_UNSAFE_DATABASE=1 starts in spite of it)',
    );
}

/** The names of a whole schema fill a screen. */
const NAMED = 3;

const outOfDate = (pending: readonly string[]) => {
  const more = pending.length > NAMED ? `, and ${pending.length - NAMED} more` : '';
  return new StartError(
    `the schema of the database is out of date (pending: ${pending.slice(0, NAMED).join(', ')}${more});` +
      ' run `pnpm cli migrate` with the owner’s DATABASE_OWNER_URL first',
  );
};

const unreachable = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EAI_AGAIN', '57P03']);

/** The login of back-ups and checks, for `explainDatabaseError`. */
export const backUpLogin = (database: PostgresAddress): PostgresAddress => ({
  ...database,
  url: database.backupUrl,
  ownerUrl: database.backupUrl,
});

/** Maps database and network errors to a `StartError`; other errors are returned unchanged. */
export function explainDatabaseError(error: unknown, { url, ownerUrl }: PostgresAddress): unknown {
  if (error instanceof StartError) return error;
  const { host, pathname } = new URL(url);
  const where = `PostgreSQL at ${host}`;
  const explained = (sentence: string) => new StartError(sentence, { cause: error });
  if (error instanceof OtherNodeError) return explained(`${error.message}; stop the other one first`);
  if (error instanceof SchemaNewerError) return explained(`${error.message}; start the newer version, or restore a back-up of before`);
  if (error instanceof NodesTooOldError)
    return explained(`${error.message}; upgrade them to that version first, or stop them (one that was killed counts for a minute)`);
  if (error instanceof TablesInUseError)
    return explained(
      `${error.message}; end what holds them (\`pnpm cli doctor\` names an idle transaction), or try again while less is going on`,
    );
  if (error instanceof SchemaUnreleasedError) return explained(`${error.message}; drop the database, create it again and start again`);
  if (error instanceof HiddenRowsError)
    return explained(
      `${error.message}; set DATABASE_BACKUP_URL to a login with BYPASSRLS and pg_read_all_data, such as coucou_backup, which \`deploy/init sql\` makes`,
    );
  const code = codeOf(error);
  const user = userOf(url) === userOf(ownerUrl) ? `the user ${userOf(url)}` : `the user ${userOf(url)} or ${userOf(ownerUrl)}`;
  if (code !== undefined && unreachable.has(code))
    return explained(`${where} cannot be reached (${code}); start it, or check DATABASE_URL`);
  if (code === undefined && /timeout|terminated/i.test(deepestMessage(error)))
    return explained(`${where} does not answer; start it, or check DATABASE_URL`);
  if (/does not support SSL/i.test(deepestMessage(error)))
    return explained(`${where} does not offer TLS; enable it there, or remove sslmode from DATABASE_URL`);
  if ((code === '28P01' || code === '28000') && userOf(url) === '')
    return explained(`${where} got no user; add one to DATABASE_URL, such as postgres://user:password@host:5432/coucou`);
  if (code === '28P01' || code === '28000')
    return explained(
      `${where} rejects ${user}; check the user and the password in DATABASE_URL (\`deploy/init sql\` prints the statements that create the logins)`,
    );
  if (code === '3D000')
    return explained(
      `${where} has no database ${pathname.slice(1)}; create it (\`deploy/init sql\` prints the statements), or check DATABASE_URL`,
    );
  if (code === '42501')
    return explained(
      `${where} denies ${user} a required privilege; set DATABASE_OWNER_URL to a login that owns the database and may create roles, such as the one that \`deploy/init sql\` makes`,
    );
  if (code === '42P01' || code === '42883' || code === '42704')
    return explained(`the database at ${host} lacks tables or functions of this version; run \`pnpm cli migrate\` first`);
  return error;
}

function deepestMessage(error: unknown): string {
  let message = '';
  for (let at = error; at instanceof Error; at = at.cause) message = at.message;
  return message;
}
