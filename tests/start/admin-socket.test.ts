import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';
import { command } from './support.ts';

/** What an operator does while a server holds the embedded database; `moderation.test.ts` has the same on PostgreSQL. */

let server: SpawnedApp;
let dataDir: string;
beforeAll(async () => {
  server = await spawnTestApp();
  dataDir = path.join(server.directory, 'data');
  await call('/auth/signup', { username: 'mallory', email: 'mallory@example.com', password });
});
afterAll(() => server.stop());

const password = 'coucou-mallory';
const call = (to: string, body: object) =>
  fetch(`${server.url}/api/v1${to}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
const signIn = async () => (await call('/auth/login', { username: 'mallory', password })).status;

const cli = (...args: string[]) => command(args, { DATA_DIR: dataDir });

describe('commands that a running server carries out', () => {
  it('suspend a person, and lift it', async () => {
    expect(await cli('suspend', '--user', 'mallory')).toEqual({ code: 0, stdout: 'mallory is suspended.', stderr: '' });
    expect(await signIn()).toBe(403);
    expect(await cli('suspend', '--user', 'mallory', '--lift')).toEqual({ code: 0, stdout: 'mallory is no longer suspended.', stderr: '' });
    expect(await signIn()).toBe(200);
  });

  it('list words, several at once', async () => {
    const added = await Promise.all(['darn', 'heck', 'drat'].map((word) => cli('word-list', '--add', word)));
    expect(added.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect((await cli('word-list', '--list')).stdout).toBe('mask    darn\nmask    drat\nmask    heck');
    expect(await cli('word-list', '--remove', 'gosh')).toEqual({ code: 1, stdout: '', stderr: 'gosh is not listed' });
  });

  it('reconcile files', async () => {
    expect(await cli('attachments', 'reconcile')).toEqual({
      code: 0,
      stdout: '0 attachments that no message uses removed\n0 files without an attachment removed',
      stderr: '',
    });
  });

  it.each([
    [1, ['suspend', '--user', 'nobody'], /^There is no such user\.$/],
    [1, ['suspend', '--user', 'x', '--account', 'y'], /^there is no account with the client key "y"$/],
    [1, ['word-list', '--add', '!!'], /^A word has 1 to 64 letters or digits\.$/],
    [2, ['word-list', '--nope'], /--nope[\s\S]+pnpm cli word-list --list/],
  ] as const)('refuse by %i %j in one sentence', async (code, args, sentence) => {
    expect(await cli(...args)).toEqual({ code, stdout: '', stderr: expect.stringMatching(sentence) });
  });

  it('work on the database when the server was killed, and by the server again when it is back', async () => {
    await server.kill('SIGKILL');
    // Its socket is left behind.
    expect((await stat(path.join(dataDir, 'admin/socket'))).isSocket()).toBe(true);
    expect(await cli('suspend', '--user', 'mallory')).toMatchObject({ code: 0, stdout: 'mallory is suspended.' });
    await server.restart();
    expect(await signIn()).toBe(403);
    expect(await cli('suspend', '--user', 'mallory', '--lift')).toMatchObject({ code: 0 });
    expect(await signIn()).toBe(200);
  });
});

describe('the socket', () => {
  const socket = () => path.join(dataDir, 'admin/socket');

  it('is its owner’s alone, and so is its directory', async () => {
    expect((await stat(socket())).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(socket()))).mode & 0o777).toBe(0o700);
  });

  it.each(['no JSON\n', '{"command":"suspend"}\n', '{"command":"suspend","args":[1]}\n', 'x'.repeat(70_000)])(
    'closes on what is no request: %.30s',
    async (line) => {
      const client = connect(socket());
      client.on('error', () => {}).write(line);
      expect(await text(client).catch(() => '')).toBe('');
      expect((await fetch(`${server.url}/health/live`)).status).toBe(200);
    },
  );

  it('carries out nothing else', async () => {
    for (const name of ['restored', 'constructor', '__proto__']) {
      const client = connect(socket());
      client.write(`${JSON.stringify({ command: name, args: [] })}\n`);
      expect(JSON.parse(await text(client))).toEqual({ failure: expect.stringContaining(`does not know the command ${name}`) });
    }
  });

  it('does not keep a stopping server waiting for who says nothing, and goes with it', async () => {
    const client = connect(socket());
    await once(client, 'connect');
    client.on('error', () => {});
    await server.kill('SIGTERM');
    expect((await server.exited).code).toBe(0);
    await expect(stat(socket())).rejects.toThrow('ENOENT');
  });
});
