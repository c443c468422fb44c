import { createHash, randomBytes } from 'node:crypto';
import { schemaSets } from '@coucou/server/composition/features';
import { migrateDatabase } from '@coucou/postgres/schema/migrate';
import pg from 'pg';
import { runCommand } from './spawned-command.ts';
import { until } from './until.ts';

/**
 * One migrated database per run, which every test file clones in a few tens of milliseconds. Knows nothing of the test
 * runner, so that the bench can use it too.
 */

/** Plain data: the global setup hands it to the test processes. */
export type Databases = { adminUrl: string; ownerUrl: string; runtimeUrl: string; template: string; prefix: string };

export type Database = {
  /** For the running product: a role that owns nothing and that row-level security binds. */
  url: string;
  /** For migrations and for looking behind the curtain. */
  ownerUrl: string;
  drop(): Promise<void>;
};

const OWNER = 'coucou_owner_test';
const RUNTIME = 'coucou_runtime_test';
/** Held while roles change or a template is copied: PostgreSQL answers both with an error when done side by side. */
const LOCK = 0x0c0c0;
const OBJECT_IN_USE = '55006';

/** Another checkout, whose schema the databases of a run get: a newer one, to see that what is tested here does with it (tests/upgrades). */
const SCHEMA_OF = process.env['SCHEMA_OF'];

export async function createTemplate(adminUrl: string, { log }: { log?: (line: string) => void } = {}): Promise<Databases> {
  const run = randomBytes(6).toString('hex');
  const template = `coucou_template_${run}`;
  return asAdmin(adminUrl, async (admin) => {
    const owner = await ownerRole(admin, adminUrl);
    const databases: Databases = {
      adminUrl,
      ownerUrl: withUser(adminUrl, owner),
      runtimeUrl: withUser(adminUrl, { user: RUNTIME, password: passwordFor(adminUrl, RUNTIME) }),
      template,
      prefix: `coucou_test_${run}_`,
    };
    await admin.query(`CREATE DATABASE ${template} OWNER ${pg.escapeIdentifier(owner.user)}`);
    try {
      await loginRole(admin, RUNTIME, 'NOINHERIT', passwordFor(adminUrl, RUNTIME));
      const [ownerUrl, url] = [withDatabase(databases.ownerUrl, template), withDatabase(databases.runtimeUrl, template)];
      if (SCHEMA_OF === undefined) await migrateDatabase({ ownerUrl, runtimeUser: RUNTIME, schemaSets, ...(log && { log }) });
      else await runCommand(['migrate'], { root: SCHEMA_OF, env: { DATABASE_URL: url, DATABASE_OWNER_URL: ownerUrl } });
      // A database with somebody in it cannot be copied.
      await admin.query(`ALTER DATABASE ${template} ALLOW_CONNECTIONS false`);
    } catch (error) {
      await admin.query(`DROP DATABASE ${template}`);
      throw error;
    }
    return databases;
  });
}

/** A database of one's own: a copy of the template, or an empty one for tests of the migrations themselves. */
export async function cloneDatabase(databases: Databases, { empty = false }: { empty?: boolean } = {}): Promise<Database> {
  const { adminUrl, ownerUrl, runtimeUrl, template, prefix } = databases;
  const name = `${prefix}${randomBytes(5).toString('hex')}`;
  const owner = decodeURIComponent(new URL(ownerUrl).username);
  await asAdmin(adminUrl, async (admin) => {
    const create = `CREATE DATABASE ${name} OWNER ${pg.escapeIdentifier(owner)} TEMPLATE ${empty ? 'template0' : template}`;
    const attempt = () =>
      admin.query(create).then(
        () => ({ error: undefined }),
        (error: pg.DatabaseError) => (error.code === OBJECT_IN_USE ? undefined : { error }),
      );
    const { error } = await until(attempt, { what: `a copy of ${template}` });
    if (error) throw error;
  });
  return {
    url: withDatabase(runtimeUrl, name),
    ownerUrl: withDatabase(ownerUrl, name),
    drop: () => asAdmin(adminUrl, async (admin) => void (await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))),
  };
}

/** Drops the template and whatever a test file left behind. Roles stay: another run on the same server may be using them. */
export async function dropDatabases({ adminUrl, template, prefix }: Databases): Promise<void> {
  await asAdmin(adminUrl, async (admin) => {
    const { rows } = await admin.query<{ datname: string }>('SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [prefix]);
    for (const { datname } of rows) await admin.query(`DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`);
    await admin.query(`DROP DATABASE IF EXISTS ${template}`);
  });
}

/**
 * The owner of the schema. Hosted PostgreSQL gives nobody a superuser, and a superuser passes every row-level policy, so
 * where we are one the migrations run as a role that may create roles and nothing more.
 */
async function ownerRole(admin: pg.Client, adminUrl: string): Promise<{ user: string; password: string }> {
  const { rows } = await admin.query<{ rolsuper: boolean }>('SELECT rolsuper FROM pg_roles WHERE rolname = current_user');
  const { username, password } = new URL(adminUrl);
  if (!rows[0]?.rolsuper) return { user: decodeURIComponent(username), password: decodeURIComponent(password) };
  const owner = { user: OWNER, password: passwordFor(adminUrl, OWNER) };
  await loginRole(admin, OWNER, 'CREATEROLE', owner.password);
  // Left by someone else's migrations on a shared server, they would be out of the owner's reach.
  const left = await admin.query<{ rolname: string }>('SELECT rolname FROM pg_roles WHERE rolname ~ $1 AND NOT rolcanlogin', ['^coucou_']);
  for (const { rolname } of left.rows) await admin.query(`GRANT ${pg.escapeIdentifier(rolname)} TO ${OWNER} WITH ADMIN OPTION`);
  return owner;
}

async function loginRole(admin: pg.Client, role: string, attributes: string, password: string): Promise<void> {
  const { rowCount } = await admin.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await admin.query(`${verb} ROLE ${role} LOGIN ${attributes} PASSWORD ${pg.escapeLiteral(password)}`);
}

/** The same for every run on one server, or two runs at a time would lock each other out. */
function passwordFor(adminUrl: string, role: string): string {
  return createHash('sha256')
    .update(`${role} ${new URL(adminUrl).password}`)
    .digest('hex')
    .slice(0, 32);
}

async function asAdmin<T>(adminUrl: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query('SELECT pg_advisory_lock($1)', [LOCK]);
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

function withUser(url: string, { user, password }: { user: string; password: string }): string {
  const changed = new URL(url);
  changed.username = encodeURIComponent(user);
  changed.password = encodeURIComponent(password);
  return changed.href;
}
