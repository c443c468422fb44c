import { cp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketEnvironment, openBucket } from '../attachments/s3.ts';
import { asAdmin, createDatabase } from '../support/database.ts';
import { environment } from '../support/environment.ts';
import type { Payload } from '../support/event-log.ts';
import { privateDirectory } from '../support/machine.ts';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';
import type { Database } from '../support/template.ts';
import { fill, readAgain, TEXT } from './kept.ts';
import { inDatabase } from './sql.ts';
import { command } from './support.ts';

let directory: string;
let database: Database;
let server: SpawnedApp;
let filled: Awaited<ReturnType<typeof fill>>;
beforeAll(async () => {
  directory = await privateDirectory('backup');
  database = await createDatabase();
  server = await spawnTestApp({ database });
  filled = await fill(server);
});
afterAll(async () => {
  await server.stop();
  await database.drop();
  await rm(directory, { recursive: true });
});

const folderOf = (name: string) => path.join(directory, name);
const dataOf = ({ directory: of }: SpawnedApp) => path.join(of, 'data');
const env = (more: Record<string, string> = {}) => environment({ database, env: { DATA_DIR: dataOf(server), ...more } });
const asBackUp = () => env({ DATABASE_BACKUP_URL: asAdmin(database.url) });
const isRight = { epoch: expect.any(String), reset: true, texts: [TEXT, undefined], file: 'what is in the file' };

describe('a back-up', () => {
  it('is refused with a login that row-level security binds, and leaves no folder', async () => {
    const { code, stderr } = await command(['backup', folderOf('owner')], env());
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/may not read every row .+row-level security.+; set DATABASE_BACKUP_URL to a login with BYPASSRLS/),
    ]);
    expect(await readdir(directory)).toEqual([]);
  });

  it('that is called in a wrong way is told with the help', async () => {
    for (const args of [['backup'], ['backup', 'a', 'b'], ['backup', '--fast', 'a'], ['restore'], ['restore', 'a', 'b']])
      expect(await command(args, env())).toMatchObject({ code: 2 });
  });

  it('has every row and file, and does not overwrite another', async () => {
    const { code, stdout, stderr } = await command(['backup', folderOf('whole')], asBackUp());
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^ +2 {2}message$/m);
    expect(stdout).toMatch(/^\d+ rows of \d+ tables, as many as the database has; 1 files of 19 bytes\.\nWrote .+whole\.$/m);
    expect((await readdir(folderOf('whole'))).toSorted()).toEqual(['database', 'files', 'files.ndjson.gz', 'manifest.json']);
    expect(await command(['backup', folderOf('whole')], asBackUp())).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/exists already/),
    });
  });

  it('of the database alone has no files', async () => {
    expect(await command(['backup', '--no-files', folderOf('rows')], asBackUp())).toMatchObject({ code: 0, stderr: '' });
    expect((await readdir(folderOf('rows'))).toSorted()).toEqual(['database', 'manifest.json']);
  });

  it.each(['PostgreSQL', 'the embedded database'])('is restored into %s: verified, and under a new epoch', async (target) => {
    const copy = target === 'PostgreSQL' ? await createDatabase({ empty: true }) : undefined;
    const data = folderOf(`data-${target.slice(0, 4)}`);
    const own = copy === undefined ? { DATA_DIR: data } : environment({ database: copy, env: { DATA_DIR: data } });
    const { code, stdout, stderr } = await command(['restore', folderOf('whole')], own);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      /^Restored \d+ rows of .+ and 1 files\.\nThe epoch is now \S+: clients start over\.\nEverything is as it must be, by \d+ checks\.$/,
    );
    const restored = await spawnTestApp({ ...(copy && { database: copy }), env: { DATA_DIR: data } });
    expect(await readAgain(restored, filled)).toEqual(isRight);
    expect(restored.logs().filter(({ msg }) => msg.includes('in another place'))).toEqual([]);
    expect(await command(['restore', folderOf('whole')], own)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(copy ? /another server uses this database/ : /in use by process/),
    });
    await restored.kill('SIGTERM');
    expect(await command(['restore', folderOf('whole')], own)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        copy ? /^the database holds people or conversations already; restore into an empty one$/ : /has a database already/,
      ),
    });
    await restored.stop();
    await copy?.drop();
  });
});

describe('a back-up that cannot be restored', () => {
  const damaged = async (name: string, damage: (folder: string) => Promise<unknown>): Promise<string> => {
    const folder = folderOf(name);
    await cp(folderOf('whole'), folder, { recursive: true });
    await damage(folder);
    const data = folderOf(`${name}-data`);
    const { code, stderr } = await command(['restore', folder], { DATA_DIR: data });
    expect([code, await readdir(data).catch(() => [])]).toEqual([1, []]);
    return stderr;
  };
  const inManifest = (change: (manifest: Payload) => void) => async (folder: string) => {
    const file = path.join(folder, 'manifest.json');
    const manifest: Payload = JSON.parse(await readFile(file, 'utf8'));
    change(manifest);
    await writeFile(file, JSON.stringify(manifest));
  };

  it('since it is none', async () => {
    expect(await damaged('none', (folder) => rm(path.join(folder, 'manifest.json')))).toMatch(
      /none is no back-up: its manifest\.json cannot be read \(ENOENT\)$/,
    );
  });
  it('since its format is another', async () => {
    expect(
      await damaged(
        'format',
        inManifest((manifest) => (manifest['format'] = 2)),
      ),
    ).toMatch(/has the format 2, and this version reads 1; restore it with the version that wrote it$/);
  });
  it('since its schema is newer', async () => {
    expect(
      await damaged(
        'newer',
        inManifest((manifest) => manifest['migrations'].coucou.push('9999-later')),
      ),
    ).toMatch(/whose schema is newer: this version does not know coucou\/9999-later$/);
  });
  it('since its manifest was changed', async () => {
    expect(
      await damaged(
        'changed',
        inManifest((manifest) => delete manifest['tables']),
      ),
    ).toMatch(/is damaged: its manifest\.json lacks/);
  });
  it('since a file is not what was written, or is gone', async () => {
    const table = 'database/message.ndjson.gz';
    expect(
      await damaged('flipped', async (folder) => {
        const bytes = await readFile(path.join(folder, table));
        bytes[bytes.length - 9] = (bytes.at(-9) ?? 0) ^ 1;
        await writeFile(path.join(folder, table), bytes);
      }),
    ).toBe(`the back-up is damaged: ${table} is not what was written`);
    expect(await damaged('cut', (folder) => rm(path.join(folder, table)))).toBe(`the back-up is damaged: ${table} cannot be read (ENOENT)`);
    expect(
      await damaged('linked', async (folder) => {
        await writeFile(path.join(directory, 'of-the-operator'), 'of the operator');
        await symlink(path.join(directory, 'of-the-operator'), path.join(folder, 'secret-key'));
      }),
    ).toBe('the back-up is damaged: secret-key is not a file of the back-up');
    expect(await damaged('lost', (folder) => rm(path.join(folder, 'files'), { recursive: true }))).toMatch(
      /: files\/\S+ cannot be read \(ENOENT\)$/,
    );
  });
  it('since rows are missing, with a manifest that says so', async () => {
    const copy = await createDatabase({ empty: true });
    const folder = folderOf('fewer');
    await cp(folderOf('rows'), folder, { recursive: true });
    await inManifest((manifest) => (manifest['tables'].find(({ name }: Payload) => name === 'message').rows = 3))(folder);
    const failed = await command(['restore', folder], environment({ database: copy, env: { DATA_DIR: folderOf('fewer-data') } }));
    expect(failed).toMatchObject({ code: 1, stderr: 'nothing was copied: the copy has 2 rows of message, and should have 3' });
    expect(await inDatabase(asAdmin(copy.url), 'select from app_user')).toEqual([]);
    // What was left of it does not stand in the way of another.
    expect(
      await command(['restore', folderOf('rows')], environment({ database: copy, env: { DATA_DIR: folderOf('fewer-data') } })),
    ).toMatchObject({ code: 0 });
    await copy.drop();
  });
});

describe('the embedded database', () => {
  it('is backed up by the server that runs, and by the command itself when it is stopped; PostgreSQL takes it over', async () => {
    const source = await spawnTestApp();
    const held = await fill(source);
    await writeFile(path.join(dataOf(source), 'secret-key'), `${'s'.repeat(64)}\n`);
    expect(await command(['backup', folderOf('running')], { DATA_DIR: dataOf(source) })).toMatchObject({ code: 0, stderr: '' });
    await source.kill('SIGTERM');
    expect(await command(['backup', folderOf('stopped')], { DATA_DIR: dataOf(source) })).toMatchObject({ code: 0, stderr: '' });
    await source.stop();
    expect(await command(['restore', folderOf('stopped')], { DATA_DIR: folderOf('again') })).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(path.join(folderOf('again'), 'secret-key'), 'utf8')).toBe(`${'s'.repeat(64)}\n`);
    const copy = await createDatabase({ empty: true });
    const restored = await command(['restore', folderOf('running')], environment({ database: copy, env: { DATA_DIR: folderOf('taken') } }));
    expect([restored.code, restored.stderr]).toEqual([0, '']);
    expect(restored.stdout).toMatch(/^The back-up has another secret key than this server: everyone must sign in again, unless/m);
    const target = await spawnTestApp({ database: copy, env: { DATA_DIR: folderOf('taken') } });
    expect(await readAgain(target, held)).toEqual(isRight);
    await target.stop();
    await copy.drop();
  });
});

describe('files in a bucket', () => {
  it('are backed up, and restored into another bucket and onto the disk', async () => {
    const [own, another] = [await openBucket(), await openBucket()];
    const source = await spawnTestApp({ env: bucketEnvironment(own) });
    const held = await fill(source);
    await writeFile(path.join(dataOf(source), 'secret-key'), `${'s'.repeat(64)}\n`);
    await source.kill('SIGTERM');
    const folder = folderOf('of-bucket');
    const backUp = await command(['backup', folder], { DATA_DIR: dataOf(source), ...bucketEnvironment(own) });
    expect([backUp.code, backUp.stderr]).toEqual([0, '']);
    expect(backUp.stdout).toMatch(/; 1 files of 19 bytes\.$/m);
    await source.stop();
    await own.close();

    // Neither the database nor the files are in the directory, which nobody has made: the secret key alone is put there.
    const copy = await createDatabase({ empty: true });
    const { SECRET_KEY: _, ...postgres } = environment({ database: copy, env: { DATA_DIR: folderOf('of-bucket-data') } });
    const restored = await command(['restore', folder], { ...postgres, ...bucketEnvironment(another) });
    expect([restored.code, restored.stderr]).toEqual([0, '']);
    expect(await readdir(folderOf('of-bucket-data'))).toEqual(['secret-key']);
    const target = await spawnTestApp({ database: copy, env: { DATA_DIR: folderOf('of-bucket-data'), ...bucketEnvironment(another) } });
    expect(await readAgain(target, held)).toEqual(isRight);
    await target.stop();
    await copy.drop();
    await another.close();

    const onDisk = folderOf('of-bucket-disk');
    expect(await command(['restore', folder], { DATA_DIR: onDisk })).toMatchObject({ code: 0, stderr: '' });
    const embedded = await spawnTestApp({ env: { DATA_DIR: onDisk } });
    expect(await readAgain(embedded, held)).toEqual(isRight);
    await embedded.stop();
  });
});

it('a database is not declared restored while a server runs, which would go on with the old epoch', async () => {
  const { code, stderr } = await command(['restored'], env());
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^another server uses this database; stop the other one first$/)]);
});
