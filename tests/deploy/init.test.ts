import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { migrateDatabase } from '@coucou/postgres/schema/migrate';
import { createApp } from '@coucou/server/app';
import { schemaSets } from '@coucou/server/composition/features';
import { loadConfig } from '@coucou/server/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { nodeEnvironment, privateDirectory } from '../support/machine.ts';
import { startPostgres } from '../support/services.ts';
import { run, statementsOf } from './statements.ts';

const deploy = path.resolve(import.meta.dirname, '../../deploy');
const script = path.join(deploy, 'init');
let directory: string;
beforeAll(async () => {
  directory = await privateDirectory('init');
});
afterAll(() => rm(directory, { recursive: true }));

const fileNamed = (name: string): string => path.join(directory, name);
const init = (file: string, ...args: string[]) =>
  promisify(execFile)('sh', [script, ...args], { env: { ...nodeEnvironment(), COUCOU_ENV_FILE: file } });

describe('deploy/init', () => {
  it('makes every secret anew, for its owner alone, and says nothing of them', async () => {
    const files = ['one', 'two'].map((name) => path.join(fileNamed(name), 'env'));
    await Promise.all(files.map((file) => mkdir(path.dirname(file))));
    for (const file of files) expect((await init(file)).stdout).toBe('');
    expect((await stat(files[0] ?? '')).mode & 0o777).toBe(0o600);
    const [one = {}, two = {}] = await Promise.all(files.map(async (file) => parseEnv(await readFile(file, 'utf8'))));
    const secrets = Object.keys(one).filter((name) => /PASSWORD|SECRET/.test(name));
    expect(secrets.toSorted()).toEqual([
      'BACKUP_PASSWORD',
      'OWNER_PASSWORD',
      'POSTGRES_PASSWORD',
      'REDIS_PASSWORD',
      'RUNTIME_PASSWORD',
      'SECRET_KEY',
    ]);
    const values = secrets.flatMap((name) => [one[name], two[name]]);
    expect(new Set(values).size).toBe(12);
    for (const value of values) expect(value).toMatch(/^[0-9a-f]{64}$/);
    expect(one['PUBLIC_URL']).toBe('http://localhost:3000');
  });

  it('leaves no secrets behind when a signal ends it', async () => {
    const place = fileNamed('ended');
    const programs = path.join(place, 'programs');
    await mkdir(programs, { recursive: true });
    // The first secret is as far as it comes.
    await writeFile(path.join(programs, 'od'), '#!/bin/sh\nkill -TERM "$INIT"\n');
    await chmod(path.join(programs, 'od'), 0o755);
    const PATH = `${programs}:${process.env['PATH'] ?? ''}`;
    const ended = promisify(execFile)('sh', ['-c', 'export INIT=$$; exec sh "$0"', script], {
      env: { ...nodeEnvironment(), PATH, COUCOU_ENV_FILE: path.join(place, 'env') },
    });
    await expect(ended).rejects.toMatchObject({ code: 1 });
    expect(await readdir(place)).toEqual(['programs']);
  });

  it('keeps a file that exists', async () => {
    const file = fileNamed('kept');
    await writeFile(file, 'OWNER_PASSWORD=mine\n');
    // What Docker Compose mounts is made of all of them.
    await expect(init(file)).rejects.toThrow(/RUNTIME_PASSWORD has no value/);
    expect(await readFile(file, 'utf8')).toBe('OWNER_PASSWORD=mine\n');
  });

  it('makes what Docker Compose mounts, for a user of any container to read, and again after a change', async () => {
    const place = fileNamed('mounted');
    await mkdir(place);
    const file = path.join(place, 'env');
    await init(file);
    const secrets = path.join(place, 'secrets');
    const read = async (name: string) => (await readFile(path.join(secrets, name), 'utf8')).trimEnd();
    const { RUNTIME_PASSWORD = '', OWNER_PASSWORD = '' } = parseEnv(await readFile(file, 'utf8'));
    expect(await read('database_url')).toBe(`postgres://coucou:${RUNTIME_PASSWORD}@postgres:5432/coucou`);
    expect(await read('database_owner_url')).toBe(`postgres://coucou_owner:${OWNER_PASSWORD}@postgres:5432/coucou`);
    expect(await read('s3_access_key_id')).toMatch(/^GK[0-9a-f]{24}$/);
    const { mode } = await stat(secrets);
    const modes = await Promise.all((await readdir(secrets)).map(async (name) => (await stat(path.join(secrets, name))).mode));
    expect([mode & 0o777, new Set(modes.map((each) => each & 0o777))]).toEqual([0o700, new Set([0o644])]);

    const [key, inode] = [await read('s3_secret_access_key'), (await stat(path.join(secrets, 'database_url'))).ino];
    await writeFile(file, (await readFile(file, 'utf8')).replace(RUNTIME_PASSWORD, 'another'));
    await writeFile(path.join(place, 'server.env'), 'LOG_LEVEL=warn\n');
    expect((await init(file)).stderr).toContain(`Kept ${file} as it is`);
    expect(await read('database_url')).toBe('postgres://coucou:another@postgres:5432/coucou');
    // Mounted files are the same; what was made for this place alone stays, and so do settings.
    expect([await read('s3_secret_access_key'), (await stat(path.join(secrets, 'database_url'))).ino]).toEqual([key, inode]);
    expect(await readFile(path.join(place, 'server.env'), 'utf8')).toBe('LOG_LEVEL=warn\n');
  });

  it.each(['server', 'migrate'])('makes what the %s of the composition starts with', async (name) => {
    const place = fileNamed(`composed-${name}`);
    await mkdir(place);
    await init(path.join(place, 'env'));
    const { services } = parse(await readFile(path.join(deploy, '../docker-compose.yml'), 'utf8'), { merge: true });
    const given: [string, unknown][] = Object.entries(services[name].environment);
    const values = given.map(([key, value]) => [key, String(value).replace(/^\$\{\w+:-?(.*)\}$/, '$1')]);
    // With every line that a profile asks for.
    const added = parseEnv((await readFile(path.join(place, 'server.env'), 'utf8')).replaceAll(/^#(?=[A-Z])/gm, ''));
    const text = JSON.stringify({ ...(name === 'server' && added), ...Object.fromEntries(values), NODE_ENV: 'production' });
    const environment = JSON.parse(text.replaceAll('/run/secrets', path.join(place, 'secrets')));
    const config = loadConfig({ ...environment, ...(name === 'server' && { PUBLIC_URL: 'http://localhost:3000' }) });
    expect(config.database).toMatchObject({ kind: 'postgres', url: expect.stringContaining('@postgres:5432/coucou') });
    expect(config.s3?.endpoint).toBe(name === 'server' ? 'http://files.localhost:3000' : undefined);
  });

  it.each([
    ['lacks a password', 'OWNER_PASSWORD=o\nBACKUP_PASSWORD=b\n', /RUNTIME_PASSWORD has no value in .+; write one/],
    [
      'holds what would end the string',
      `OWNER_PASSWORD=o'; drop\nRUNTIME_PASSWORD=r\nBACKUP_PASSWORD=b\n`,
      /letters, digits and \. _ - only/,
    ],
  ])('prints no SQL for a file that %s', async (what, text, sentence) => {
    const file = fileNamed(what.replaceAll(' ', '-'));
    await writeFile(file, text);
    await expect(init(file, 'sql')).rejects.toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(sentence) });
  });

  it('explains itself, and refuses what it does not understand', async () => {
    expect((await init(fileNamed('unused'), '--help')).stdout).toContain('deploy/init sql managed');
    await expect(init(fileNamed('unused'), 'sqll')).rejects.toMatchObject({ code: 1, stdout: '' });
    await expect(stat(fileNamed('unused'))).rejects.toThrow('ENOENT');
  });

  // A server of its own each: roles belong to the whole server, and these have fixed names.
  it.each([
    ['a superuser', [], ''],
    ['the administrator of a managed one, who is none', ['managed'], 'administrator'],
  ] as const)('sets up a PostgreSQL by %s, on which production starts', { timeout: 180_000 }, async (_, kind, login) => {
    const server = await startPostgres();
    try {
      const address = new URL(server.url);
      const admin = new URL(server.url);
      if (login !== '') {
        await run(server.url, `CREATE ROLE ${login} LOGIN CREATEROLE CREATEDB PASSWORD 'a'`);
        Object.assign(admin, { username: login, password: 'a', pathname: '/postgres' });
      }
      const file = fileNamed(`server${kind.length}`);
      await run(admin.href, ...statementsOf((await init(file, 'sql', ...kind)).stdout));
      const { stdout } = await init(file, 'env', address.host, ...kind);
      const { DATABASE_OWNER_URL: ownerUrl = '', ...owner } = parseEnv(stdout.replaceAll(/^# (?=DATABASE)/gm, ''));
      expect('DATABASE_BACKUP_URL' in owner).toBe(kind.length === 0);
      await migrateDatabase({ ownerUrl, runtimeUser: 'coucou', schemaSets, log: () => {} });
      // The server of the tests does not wait for its disk.
      const env = { ...parseEnv(stdout), HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'fatal', ALLOW_UNSAFE_DATABASE: '1' };
      const app = await createApp(loadConfig({ ...env, DATA_DIR: fileNamed('data') }));
      const { url } = await app.listen();
      const body = JSON.stringify({ username: 'erin', email: 'erin@example.com', password: 'coucou-erin' });
      const headers = { 'content-type': 'application/json' };
      const { status } = await fetch(`${url}/api/v1/auth/signup`, { method: 'POST', headers, body });
      await app.close();
      expect(status).toBe(201);
    } finally {
      await server.stop();
    }
  });
});
