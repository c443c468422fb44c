import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { command } from '../start/support.ts';
import { createDatabase } from '../support/database.ts';
import { type ListeningApp, startTestApp } from '../support/listening-app.ts';
import { type Person, signUp, signUpAll } from '../support/people.ts';
import { giveRole } from '../support/roles.ts';
import { spawnTestApp } from '../support/spawned-app.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';
import { archiveOf, readArchive, requestExport } from './archive.ts';

describe('administrators', () => {
  let database: Database;
  let app: ListeningApp;
  let people: Record<'alice' | 'bob' | 'carol' | 'dan', Person>;
  beforeAll(async () => {
    database = await createDatabase();
    app = await startTestApp({ database, env: { LIMIT_REST: 'off' } });
    people = await signUpAll(app.url, 'alice', 'bob', 'carol', 'dan');
    await giveRole(database, people.alice.id, 'owner');
    await giveRole(database, people.bob.id, 'admin');
  });
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });
  const user = (person: Person, more = '') => `/api/v1/admin/users/${person.id}${more}`;

  it('export the data of their users, which the users can see in theirs', async () => {
    const { bob, carol } = people;
    const { lists } = await archiveOf(await requestExport(bob, app.url, user(carol, '/export')));
    expect(lists['profile']).toEqual([expect.objectContaining({ username: carol.username })]);
    const own = await archiveOf(await requestExport(carol, app.url));
    const events = own.lists['auditLog'] ?? [];
    const by = events.find(({ action, actor }) => action === 'user_exported' && actor?.id === bob.id);
    expect(by).toBeDefined();
    // Where bob was is not carol's to know.
    for (const field of ['ip', 'userAgent']) expect(by).not.toHaveProperty(field);
    expect(events).toContainEqual(expect.objectContaining({ action: 'signed_in', ip: '127.0.0.1', userAgent: expect.any(String) }));
  });

  it('are owners for owners and admins, and nobody else is one', async () => {
    const { alice, bob, carol, dan } = people;
    for (const [by, of, status] of [
      [carol, dan, 403],
      [bob, alice, 403],
    ] as const) {
      expect((await requestExport(by, app.url, user(of, '/export'))).status).toBe(status);
      expect((await by.http.call('DELETE', user(of))).status).toBe(status);
    }
    expect((await alice.http.call('DELETE', user(alice))).body.code).toBe('LAST_OWNER');
  });

  it('delete their users, and watch what is erased of them', async () => {
    const { bob, dan } = people;
    expect((await bob.http.call('GET', user(dan, '/erasure'))).body.code).toBe('USER_NOT_FOUND');
    expect(await bob.http.call('DELETE', user(dan))).toMatchObject({ status: 202, body: { userId: dan.id, status: 'erasing' } });
    expect((await dan.http.call('GET', '/api/v1/auth/me')).body.code).toBe('SESSION_REVOKED');
    await until(async () => (await bob.http.call('GET', user(dan, '/erasure'))).body.status === 'holding', {
      what: 'the erasure',
      timeoutMs: 60_000,
    });
    expect((await bob.http.call('DELETE', user(dan))).body.code).toBe('USER_NOT_FOUND');
    expect((await bob.http.call('POST', user(dan, '/restore'))).body.code).toBe('USER_NOT_FOUND');
  });
});

describe('the command export-user', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'coucou-export-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function cli(env: Record<string, string>, ...args: string[]) {
    const { code, stdout, stderr } = await command(['export-user', ...args], env);
    return { code, said: stdout + stderr };
  }

  it.each(['embedded', 'PostgreSQL'])('writes the archive beside a server on %s, whole or not at all', async (kind) => {
    const database = kind === 'PostgreSQL' ? await createDatabase() : undefined;
    const server = await spawnTestApp(database ? { database } : {});
    try {
      const alice = await signUp(server.url, 'alice');
      const env = {
        DATA_DIR: path.join(server.directory, 'data'),
        ...(database && { DATABASE_URL: database.url, DATABASE_OWNER_URL: database.ownerUrl }),
      };
      const out = path.join(folder, `${kind}.tar.gz`);
      expect(await cli(env, alice.username, '--out', out)).toEqual({ code: 0, said: `Wrote ${out}.` });
      const { lists } = await readArchive(createReadStream(out));
      expect(lists['profile']).toEqual([expect.objectContaining({ username: alice.username })]);
      const again = await cli(env, alice.username, `--out=${out}`);
      expect([again.code, again.said]).toEqual([1, expect.stringContaining('EEXIST')]);
      expect(await cli(env, 'nobody', '--out', out)).toMatchObject({ code: 1, said: expect.stringContaining('there is no user "nobody"') });
      expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).toEqual([]);
    } finally {
      await server.stop();
      await database?.drop();
    }
  });

  it('says what it needs', async () => {
    await writeFile(path.join(folder, 'x'), '');
    expect(await cli({ DATA_DIR: folder }, 'alice')).toMatchObject({ code: 2, said: expect.stringContaining('--out is required') });
  });
});
