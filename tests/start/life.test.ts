import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import { environment } from '../support/environment.ts';
import type { Payload } from '../support/event-log.ts';
import { unpackImage } from '../support/image.ts';
import { startTestApp } from '../support/listening-app.ts';
import { freePort, nodeEnvironment, privateDirectory } from '../support/machine.ts';
import { type Name, openDirect, type Person, signUp, signUpAll } from '../support/people.ts';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';
import { HANGS_MS, start as startProgram } from './support.ts';

const servers: SpawnedApp[] = [];
async function start(...options: Parameters<typeof spawnTestApp>): Promise<SpawnedApp> {
  const server = await spawnTestApp(...options);
  servers.push(server);
  return server;
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

const messages = (server: SpawnedApp) => server.logs().map(({ msg }) => msg);

// Of the embedded database is told what concerns it; on PostgreSQL a process is ready sooner.
let database: Database;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

describe('the ready line', () => {
  it('names where the server listens, is the only one of its kind, and comes after warnings about the configuration', async () => {
    const server = await start({ database, env: { DATABSE_URL: 'x', S3_ACL: 'x' } });
    const ready = server.logs().filter(({ msg }) => msg === 'ready');
    expect(ready).toEqual([
      expect.objectContaining({ level: 'info', url: server.url, time: expect.any(String), instance: expect.any(String) }),
    ]);
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await httpClient(server.url).call('GET', '/health/ready')).body).toMatchObject({ status: 'up' });
    const warnings = server.logs().filter(({ level }) => level === 'warn');
    expect(warnings.map(({ msg }) => msg)).toEqual([
      expect.stringContaining('did you mean DATABASE_URL?'),
      expect.stringContaining('S3_ACL'),
    ]);
    expect(messages(server).indexOf(warnings.at(-1)?.msg)).toBeLessThan(messages(server).indexOf('ready'));
  });

  it('is what the description of the sockets says, without a public address', async () => {
    const here = await startTestApp({ database });
    const { body } = await httpClient(here.url).call('GET', '/asyncapi.json');
    await here.close();
    expect(Object.values(body.servers).map(({ host }: Payload) => host)).toEqual([new URL(here.url).host, new URL(here.url).host]);
    const behind = await startTestApp({ database, env: { PUBLIC_URL: 'https://chat.example.com/api' } });
    const documents = ['/asyncapi.json', '/openapi.json'].map(async (at) => (await httpClient(behind.url).call('GET', at)).body.servers);
    expect(await Promise.all(documents)).toMatchObject([
      { websocket: { host: 'chat.example.com', pathname: '/api/ws', protocol: 'wss' } },
      [{ url: 'https://chat.example.com/api' }],
    ]);
    expect((await httpClient(behind.url).call('GET', '/api/v1/auth/me')).body.docs).toBe(
      'https://chat.example.com/api/docs/errors#UNAUTHENTICATED',
    );
    await behind.close();
  });

  it('is followed, for people, by what to try', async () => {
    const directory = await privateDirectory('banner');
    const data = path.join(directory, 'data');
    await unpackImage(data);
    const program = startProgram('main.ts', [], environment({ env: { LOG_FORMAT: 'pretty', DATA_DIR: data } }));
    try {
      await program.says('pnpm cli chat --as bob --to alice --url http://127.0.0.1:');
      const text = program.lines.join('\n');
      expect(text).toMatch(/INFO.*ready.*http:\/\/127\.0\.0\.1:\d+/);
      expect(text).toContain('survives a killed process, not a power cut');
      for (const place of ['/api/v1', '/docs', '/socket.io', '/ws']) expect(text).toContain(place);
    } finally {
      program.kill('SIGTERM');
      await program.exited;
      await rm(directory, { recursive: true });
    }
  });
});

describe('an embedded server', () => {
  it('keeps over a restart all that it acknowledged, and nothing else, and the secret that it made', async () => {
    const server = await start({ env: { SECRET_KEY: '' } });
    const { alice, bob } = await signUpAll(server.url, 'alice', 'bob');
    const { id } = await openDirect(alice, bob);
    const secret = path.join(server.directory, 'data', 'secret-key');
    expect((await stat(secret)).mode & 0o777).toBe(0o600);
    const made = await readFile(secret, 'utf8');
    const socket = alice.socketIo();
    await socket.connect();
    const sends = Array.from({ length: 50 }, (_, index) =>
      socket.call('message:send', { conversationId: id, content: String(index) }).catch(() => undefined),
    );
    await sends[0];
    await server.kill('SIGTERM');
    const acked = (await Promise.all(sends)).filter((result) => result?.ok === true).length;
    expect(acked).toBeGreaterThan(0);
    await expect(stat(path.join(server.directory, 'data', 'server.pid'))).rejects.toThrow(/ENOENT/);

    await server.restart();

    expect(await readFile(secret, 'utf8')).toBe(made);
    const again = httpClient(server.url, { token: alice.accessToken });
    const { body } = await again.call('GET', `/api/v1/conversations/${id}/messages?limit=100`);
    expect(body.items).toHaveLength(acked);
  });
});

describe('a server on PostgreSQL', () => {
  it('migrates an empty database by itself while developing, as the owner', async () => {
    const empty = await createDatabase({ empty: true });
    const server = await start({ database: empty });
    expect((await signUp(server.url)).id).toBeTruthy();
    expect(messages(server)).toContainEqual(expect.stringMatching(/^schema: coucou\/0001-accounts: applied/));
    await server.stop();
    servers.length = 0;
    await empty.drop();
  });

  it('runs in production on a migrated database, with a login that owns nothing', async () => {
    const server = await start({ database: { url: database.url, ownerUrl: database.url }, env: { NODE_ENV: 'production' } });
    expect((await signUp(server.url)).id).toBeTruthy();
  });
});

describe('a server that is told to stop', () => {
  const inConversation = async (server: SpawnedApp): Promise<Record<Name, Person>> => {
    const people = await signUpAll(server.url, 'alice', 'bob', 'carol', 'dan');
    await openDirect(people.alice, people.bob);
    return people;
  };

  it.each(['SIGTERM', 'SIGINT'] as const)('sends its clients elsewhere, and ends well after %s', async (signal) => {
    const server = await start({ database });
    const { alice } = await inConversation(server);
    const sockets = [alice.socketIo(), alice.plain()];
    for (const socket of sockets) await socket.connect();

    await server.kill(signal);

    for (const socket of sockets) expect(await socket.closed).toMatchObject({ reason: 'server_draining' });
    expect(await server.exited).toMatchObject({ code: 0, signal: null, stderr: '' });
    expect(
      messages(server)
        .filter((msg) => msg !== 'request')
        .slice(-2),
    ).toEqual(['stopping', 'stopped']);
  });

  it('ends at once when it is told twice', async () => {
    const server = await start({ database });
    const { alice } = await inConversation(server);
    const stalled = alice.plain();
    await stalled.connect();
    // It never accepts that it is closed, so that the first signal has something to wait for.
    stalled.socket.pause();
    await server.kill('SIGHUP');
    await until(() => messages(server).includes('stopping'), { what: 'the server to stop' });
    await server.kill('SIGTERM');
    stalled.socket.terminate();
    expect(await server.exited).toMatchObject({ code: 1 });
    expect(messages(server)).not.toContain('stopped');
  });
});

describe('a server whose log nobody reads', () => {
  it('serves, and ends when it is told to', async () => {
    const directory = await privateDirectory('stalled-log');
    const port = await freePort();
    const env = {
      ...nodeEnvironment(),
      ...environment({ database, env: { PORT: String(port), DATA_DIR: directory, LOG_LEVEL: 'debug' } }),
    };
    const server = spawn(process.execPath, [path.resolve(import.meta.dirname, '../../apps/server/src/main.ts')], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = once(server, 'exit');
    try {
      const health = `http://127.0.0.1:${port}/health/live`;
      await until(
        () =>
          fetch(health).then(
            ({ ok }) => ok,
            () => false,
          ),
        { what: 'the server to answer', timeoutMs: HANGS_MS },
      );
      // More than a pipe holds: each is a line of the log.
      for (let sent = 0; sent < 2_000; sent += 50)
        await Promise.all(Array.from({ length: 50 }, () => fetch(health).then((answer) => answer.text())));
      server.kill('SIGTERM');
      expect(await exited).toEqual([0, null]);
    } finally {
      server.kill('SIGKILL');
      await rm(directory, { recursive: true });
    }
  });
});

describe('a server with a fault that nobody handles', () => {
  it.each([
    ['an exception', `process.on('SIGUSR2', () => { throw new Error('boom'); })`],
    ['a rejection', `process.on('SIGUSR2', () => { Promise.reject(new Error('boom')); })`],
  ])('logs %s as fatal, drains and ends badly', async (_, code) => {
    const server = await start({ database, env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` } });
    await server.kill('SIGUSR2');
    expect(await server.exited).toMatchObject({ code: 1 });
    expect(server.logs()).toContainEqual(expect.objectContaining({ level: 'fatal', err: expect.objectContaining({ message: 'boom' }) }));
  });
});
