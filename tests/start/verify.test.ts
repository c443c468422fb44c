import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { seedBulk } from '@coucou/postgres/seed/seed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upload } from '../attachments/files.ts';
import { asAdmin, createDatabase } from '../support/database.ts';
import { environment } from '../support/environment.ts';
import { expectStatus, openDirect, signUpAll } from '../support/people.ts';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';
import type { Database } from '../support/template.ts';
import { inDatabase } from './sql.ts';
import { command, type Failure } from './support.ts';

/** Removes every uploaded file behind the server's back. */
async function loseFiles(dataDir: string): Promise<void> {
  const uploads = path.join(dataDir, 'uploads');
  for (const account of await readdir(uploads)) await rm(path.join(uploads, account), { recursive: true });
}

async function sendFile({ url }: SpawnedApp): Promise<void> {
  const { alice, bob } = await signUpAll(url, 'alice', 'bob');
  const { id } = await openDirect(alice, bob);
  const file = expectStatus(await upload(alice, 'what is in it'), 201);
  const message = { type: 'file', attachmentIds: [file.id] };
  expectStatus(await alice.http.call('POST', `/api/v1/conversations/${id}/messages`, message), 201);
}

const checksOf = ({ stdout }: Failure) =>
  stdout.split('\n').map((line) => JSON.parse(line) as { check: string; found: number; examples: { what: string }[] });
const faulty = (failure: Failure) => checksOf(failure).filter(({ found }) => found > 0);

describe('on PostgreSQL, while a server runs', () => {
  let database: Database;
  let server: SpawnedApp;
  beforeAll(async () => {
    database = await createDatabase();
    await seedBulk({ ownerUrl: database.ownerUrl, size: 20_000, readers: [{ username: 'ruth', conversations: 40, passwordHash: 'none' }] });
    server = await spawnTestApp({ database });
    await sendFile(server);
  });
  afterAll(async () => {
    await server.stop();
    await database.drop();
  });

  const verify = (...args: string[]) =>
    command(
      ['verify', ...args],
      environment({ database, env: { DATABASE_BACKUP_URL: asAdmin(database.url), DATA_DIR: path.join(server.directory, 'data') } }),
    );

  it('everything is as it must be, of thousands of messages', async () => {
    const { code, stdout, stderr } = await verify('--files');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^ok {5}message-numbers: /m);
    expect(stdout).toMatch(/^ok {5}files: /m);
    expect(stdout).toMatch(/\nEverything is as it must be\.$/);
  });

  it('is refused with a login that row-level security binds', async () => {
    const { code, stderr } = await command(['verify'], environment({ database }));
    expect([code, stderr]).toEqual([1, expect.stringMatching(/row-level security.+; set DATABASE_BACKUP_URL to a login with BYPASSRLS/)]);
  });

  it('a fault and a lost file are told with their ids', async () => {
    await inDatabase(asAdmin(database.url), `update conversation set member_count = 77 where type = 'direct'`);
    await loseFiles(path.join(server.directory, 'data'));
    const failure = await verify('--files', '--json');
    expect([failure.code, failure.stderr]).toEqual([1, expect.stringMatching(/^\d+ faults found$/)]);
    expect(faulty(failure)).toMatchObject([
      {
        check: 'member-counts',
        examples: expect.arrayContaining([{ account: expect.any(String), what: expect.stringMatching(/counts 77 members, and has 2$/) }]),
      },
      { check: 'files', found: 1, examples: [{ what: expect.stringMatching(/^the file \S+ of attachment \S+ is not in the store$/) }] },
    ]);
    expect((await verify()).stdout).toMatch(
      /^FAULT {2}member-counts: \d+ found; not so: every conversation counts the members that it has$/m,
    );
  });

  it('a wrong call is told as one', async () => {
    expect(await verify('everything')).toMatchObject({ code: 2 });
  });
});

it('on the embedded database a running server carries it out, and the command itself when it is stopped', async () => {
  const server = await spawnTestApp();
  try {
    await sendFile(server);
    const env = { DATA_DIR: path.join(server.directory, 'data') };
    const running = await command(['verify', '--files'], env);
    expect([running.code, running.stderr]).toEqual([0, '']);
    await server.kill('SIGTERM');
    await loseFiles(env.DATA_DIR);
    const stopped = await command(['verify', '--files', '--json'], env);
    expect([stopped.code, faulty(stopped).map(({ check }) => check)]).toEqual([1, ['files']]);
  } finally {
    await server.stop();
  }
});
