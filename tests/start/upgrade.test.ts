import { version } from '@coucou/server/version';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import { environment } from '../support/environment.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import type { Database } from '../support/template.ts';
import { inDatabase } from './sql.ts';
import { command } from './support.ts';

let database: Database;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

const PRODUCTION = { NODE_ENV: 'production', PUBLIC_URL: 'https://chat.example.com', LOG_LEVEL: 'fatal' };
const check = (...args: string[]) => command(['upgrade', '--check', ...args], environment({ database }));
const checked = async () => JSON.parse((await check('--json')).stdout);
const sql = (statement: string) => inDatabase(database.ownerUrl, statement);
const nodeRuns = (node: string, runs: string | null) =>
  sql(
    `insert into node_run (id, node, version, seen_at) values (gen_random_uuid(), '${node}', ${runs === null ? 'null' : `'${runs}'`}, clock_now())`,
  );

async function withServer<T>(env: Record<string, string>, work: (app: ListeningApp) => Promise<T>): Promise<T> {
  const app = await startTestApp({ database, env });
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}

describe('upgrade --check', () => {
  it('finds nothing to do beside a server of this version, which says so, and forgets it when it stops', async () => {
    await withServer({ INSTANCE_ID: 'here' }, async () => {
      expect(await check()).toEqual({
        code: 0,
        stderr: '',
        stdout: `running  here  ${version}\nNothing to do: the database and all running servers have this version.`,
      });
      expect(await checked()).toMatchObject({ version, mayRoll: true, nodes: [{ node: 'here', version }], pending: [] });
    });
    expect(await checked()).toMatchObject({ nodes: [] });
    expect((await check()).stdout).toBe('Nothing to do: the database has this version, and no server is running.');
  });

  it('lets servers of an older version be replaced in turn, once what is pending is applied', async () => {
    await nodeRuns('node-1', '0.0.9');
    await sql(`update schema_function set hash = 'of another text' where name = 'users/search-users'`);
    const { code, stdout } = await check();
    expect(stdout).toMatch(
      /^running {2}node-1 {2}0\.0\.9\npending {2}coucou\/functions\/users\/search-users\nTo upgrade:\n {2}1\. pnpm cli migrate \(1 change\)\n {2}2\. replace /,
    );
    expect(code).toBe(0);
    expect((await command(['migrate'], environment({ database }))).code).toBe(0);
    expect(await checked()).toMatchObject({ mayRoll: true, pending: [], steps: [expect.stringContaining('replace')] });
  });

  it('wants servers stopped that fold text in another way, and so does migrate', async () => {
    await nodeRuns('node-1', null);
    await sql(`update schema_function set hash = 'as before' where schema_set = 'coucou' and name = 'folding'`);
    expect(await check()).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /pending {2}coucou\/folding {2}needs [\d.]+\n✘ .+ node-1 [\s\S]+1\. stop node-1 .+\n {2}2\. pnpm cli migrate/,
      ),
      stderr: 'The servers have to be stopped for this upgrade.',
    });
    expect(await check('--json')).toMatchObject({ code: 1 });
    expect(await checked()).toMatchObject({ mayRoll: false, reasons: [{ fix: 'stop these servers before the migration' }] });
    expect(await command(['migrate'], environment({ database }))).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^servers run that are older .+coucou\/folding.+node-1 .+; upgrade them .+ or stop them/),
    });
    await sql('delete from node_run');
    expect(await check()).toMatchObject({ code: 0, stdout: expect.stringMatching(/1\. pnpm cli migrate .+\n {2}2\. start the servers$/) });
  });

  it('says of a database that this version cannot run with what it needs', async () => {
    await sql(`insert into coucou_migration (name, needs) values ('9999-drops', '99.0.0')`);
    expect(await check()).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('coucou/9999-drops (needs 99.0.0)') });
  });

  it('is for PostgreSQL, and only checks', async () => {
    expect(await command(['upgrade', '--check'], {})).toMatchObject({ code: 1, stderr: expect.stringContaining('one server: stop it') });
    expect(await command(['upgrade'], environment({ database }))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--check is required'),
    });
  });
});

describe('a server of an older version', () => {
  it.each([['production'], ['development']])('starts in %s on a newer database, and leaves its functions alone', async (mode) => {
    await sql(`insert into coucou_migration (name) values ('9999-adds')`);
    await sql(`update schema_function set hash = 'of a newer text' where name = 'users/search-users'`);
    const env = mode === 'production' ? PRODUCTION : { LOG_LEVEL: 'fatal' };
    await withServer(env, async ({ url }) => {
      expect(await httpClient(url).call('GET', '/health/ready')).toMatchObject({ status: 200 });
    });
    expect(await sql(`select hash from schema_function where name = 'users/search-users'`)).toEqual([{ hash: 'of a newer text' }]);
    expect(await checked()).toMatchObject({ ahead: ['coucou/9999-adds', 'coucou/functions/users/search-users'], pending: [] });
  });
});
