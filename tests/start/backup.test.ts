import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import { asAdmin, createDatabase } from '../support/database.ts';
import { environment } from '../support/environment.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { findBinary, privateDirectory } from '../support/machine.ts';
import { expectStatus, openDirect, type Person, signUpAll } from '../support/people.ts';
import { spawnTestApp } from '../support/spawned-app.ts';
import type { Database } from '../support/template.ts';
import { command } from './support.ts';

/** pg_dump refuses a server that is newer than itself. */
async function hasClientPrograms(): Promise<boolean> {
  if (['pg_dump', 'psql'].some((name) => findBinary(name, []) === undefined)) return false;
  const client = new pg.Client({ connectionString: inject('databases').adminUrl });
  await client.connect();
  const { rows } = await client.query<{ server_version_num: string }>('show server_version_num');
  await client.end();
  const [, major] = / (\d+)/.exec(execFileSync('pg_dump', ['--version'], { encoding: 'utf8' })) ?? [];
  return Number(major) >= Math.floor(Number(rows[0]?.server_version_num) / 10_000);
}

describe('a back-up', () => {
  let directory: string;
  let database: Database;
  let app: ListeningApp;
  let alice: Person;
  let id: string;
  beforeAll(async () => {
    directory = await privateDirectory('backup');
    database = await createDatabase();
    app = await startTestApp({ database });
    const people = await signUpAll(app.url, 'alice', 'bob');
    ({ alice } = people);
    ({ id } = await openDirect(alice, people.bob));
    expectStatus(await alice.http.call('POST', `/api/v1/conversations/${id}/messages`, { content: 'two\nlines \\ and\ttabs' }), 201);
    await app.settled();
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
    await rm(directory, { recursive: true });
  });

  const env = (more: Record<string, string> = {}) => environment({ database, env: more });

  it('is refused with a login that row-level security binds, and leaves no file', async () => {
    const file = path.join(directory, 'owner.sql.gz');
    const { code, stderr } = await command(['backup', file], env());
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/may not read every row .+row-level security.+; set DATABASE_BACKUP_URL to a login with BYPASSRLS/),
    ]);
    expect(await readdir(directory)).toEqual([]);
  });

  it('is refused when a row is missing, and leaves no file', async ({ skip }) => {
    if (!(await hasClientPrograms())) skip('pg_dump and psql of the version of the server are not on this machine');
    const bin = await privateDirectory('bin');
    await writeFile(path.join(bin, 'pg_dump'), '#!/bin/sh\nPATH=${PATH#*:}\nexec pg_dump --exclude-table-data=public.message "$@"\n');
    await chmod(path.join(bin, 'pg_dump'), 0o755);
    const file = path.join(directory, 'partly.sql.gz');
    const { code, stderr } = await command(
      ['backup', file],
      env({ DATABASE_BACKUP_URL: asAdmin(database.url), PATH: `${bin}:${process.env['PATH']}` }),
    );
    expect([code, stderr]).toEqual([1, 'rows are missing, so nothing was kept: public.message has 1 rows, and 0 were written']);
    expect(await readdir(directory)).toEqual([]);
    await rm(bin, { recursive: true });
  });

  it('says which database the embedded one is, and asks for a file', async () => {
    expect(await command(['backup', path.join(directory, 'x')], {})).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/stop the server and copy/),
    });
    expect(await command(['backup'], env())).toMatchObject({ code: 1, stderr: expect.stringMatching(/^name one file/) });
  });

  it('has every row; restored it is known as another database, and gets an epoch of its own', async ({ skip }) => {
    if (!(await hasClientPrograms())) skip('pg_dump and psql of the version of the server are not on this machine');
    const file = path.join(directory, 'whole.sql.gz');
    const { code, stdout, stderr } = await command(['backup', file], env({ DATABASE_BACKUP_URL: asAdmin(database.url) }));
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^ +1 {2}public\.message$/m);
    expect(stdout).toMatch(/^Wrote .+whole\.sql\.gz: \d+ rows of \d+ tables, as many as the database has\.$/m);
    expect(await command(['backup', file], env())).toMatchObject({ code: 1, stderr: expect.stringMatching(/exists already/) });

    const copy = await createDatabase({ empty: true });
    const sql = gunzipSync(readFileSync(file));
    execFileSync('psql', ['--quiet', '--set', 'ON_ERROR_STOP=1', '--single-transaction', '--output', '/dev/null', asAdmin(copy.url)], {
      input: sql,
    });
    const sync = async (epoch?: string) => {
      const server = await spawnTestApp({ database: copy });
      const body = { ...(epoch && { epoch }), user: { version: 0 }, conversations: { [id]: { version: 2, receiptsVersion: 0 } } };
      const page = expectStatus(await httpClient(server.url, { token: alice.accessToken }).call('POST', '/api/v1/sync', body), 200);
      const moved = server.logs().flatMap(({ msg }) => (msg.includes('in another place') ? [msg] : []));
      await server.stop();
      return { page, moved };
    };

    const before = await sync();
    expect(before.moved).toEqual([expect.stringMatching(/database oid \d+, now \d+.+`pnpm cli restored`/)]);
    const told = await command(['restored'], environment({ database: copy }));
    expect([told.code, told.stderr, told.stdout]).toEqual([0, '', expect.stringMatching(/^The epoch is now .+: clients start over\.$/)]);
    const after = await sync(before.page.epoch);
    expect(after.moved).toEqual([]);
    expect(after.page.epoch).not.toBe(before.page.epoch);
    expect(after.page.conversations).toMatchObject([{ reset: true, messages: [{ content: 'two\nlines \\ and\ttabs' }] }]);
    const kept = await command(['restored', '--keep-epoch'], environment({ database: copy }));
    expect(kept.stdout).toBe(`The epoch is still ${after.page.epoch}: clients go on with what they hold.`);
    await copy.drop();
  });

  it('is not declared restored while a server runs, which would go on with the old epoch', async () => {
    const { code, stderr } = await command(['restored'], env());
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^another server uses this database; stop the other one first$/)]);
  });
});
