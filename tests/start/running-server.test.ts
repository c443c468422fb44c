import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getPriority } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { unpackImage } from '../support/image.ts';
import { freePort, nodeEnvironment, privateDirectory } from '../support/machine.ts';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';
import { until } from '../support/until.ts';
import { command, HANGS_MS, type Program, start } from './support.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const running: Program[] = [];
const cli = (args: readonly string[], env: Record<string, string> = {}) => command(args, env);

let server: SpawnedApp;
/** What a person has configured in another terminal: the same directory, and a port on which nobody listens. */
let configured: Record<string, string>;
let seeded: Awaited<ReturnType<typeof cli>>;
beforeAll(async () => {
  server = await spawnTestApp();
  configured = { DATA_DIR: path.join(server.directory, 'data'), PORT: String(await freePort()) };
  const program = start('cli/main.ts', ['seed'], configured);
  seeded = { code: await program.exited, stdout: program.lines.join('\n'), stderr: program.errorLines.join('\n') };
});
afterAll(() => server.stop());
afterEach(() => {
  for (const program of running.splice(0)) program.kill('SIGKILL');
});

/** The example of the sign-in, as the reference shows it and clients are generated from. */
async function loginExample(): Promise<object> {
  const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
    paths: Record<string, { post: { requestBody: { content: { 'application/json': { examples: { example: { value: object } } } } } } }>;
  };
  const login = document.paths['/api/v1/auth/login'] ?? document.paths['/auth/login'];
  if (login === undefined) throw new Error('the document has no sign-in');
  return login.post.requestBody.content['application/json'].examples.example.value;
}

it.runIf(process.platform === 'linux')('hashes behind the thread that answers', async () => {
  const pid = (await readFile(path.join(server.directory, 'pid'), 'utf8')).trim();
  const threads = await Promise.all(
    (await readdir(`/proc/${pid}/task`)).map(async (id) => [(await readFile(`/proc/${pid}/task/${id}/comm`, 'utf8')).trim(), id] as const),
  );
  const pool = threads.flatMap(([name, id]) => (name === 'libuv-worker' ? [getPriority(Number(id)) - getPriority(Number(pid))] : []));
  expect(pool).toEqual([10, 10, 10, 10]);
});

describe('a command finds the running server', () => {
  it('by the data directory, on whatever port, and readable by its owner alone', async () => {
    const address = path.join(server.directory, 'data/server.url');
    expect(await readFile(address, 'utf8')).toBe(`${server.url}\n`);
    expect((await stat(address)).mode & 0o777).toBe(0o600);
    const { code, stdout, stderr } = seeded;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    // Neither has to be told the address.
    expect(stdout).toMatch(/pnpm cli chat --as alice --to bob$/m);
    const chat = start('cli/main.ts', ['chat', '--as', 'alice', '--to', 'bob'], configured);
    running.push(chat);
    await chat.says(`-- connected to ${server.url} as alice`);
    chat.type('/help');
    await chat.says('--   /quit   ends');
    chat.type('/nope');
    await chat.says('-- /nope is no command; /help lists them');
    chat.type('//shrug once');
    await chat.says('alice: /shrug once');
    chat.type('/quit');
    expect(await chat.exited).toBe(0);
    expect(chat.lines.filter((line) => line.includes('shrug once'))).toHaveLength(1);
  });

  it('after which the sign-in of the documents works as it is shown', async () => {
    const body = JSON.stringify(await loginExample());
    const answer = await fetch(`${server.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect({ body, status: answer.status }).toEqual({ body, status: 200 });
  });

  it('and no longer, once it has stopped', async () => {
    const own = await spawnTestApp();
    await own.kill('SIGTERM');
    await expect(stat(path.join(own.directory, 'data/server.url'))).rejects.toThrow('ENOENT');
    await own.stop();
  });
});

describe('token', () => {
  it('prints a line for curl that works as it is printed', async ({ skip }) => {
    const { code, stdout } = await cli(['token', 'Alice'], configured);
    expect(code).toBe(0);
    const line = stdout.split('\n').find((each) => each.startsWith('curl ')) ?? '';
    const ran = await promisify(execFile)('sh', ['-c', `command -v curl >/dev/null || exit 127; ${line} -sS`]).catch(
      (error: { code?: unknown }) => (error.code === 127 ? skip('curl is not on this machine') : Promise.reject(error as Error)),
    );
    expect(JSON.parse((ran as { stdout: string }).stdout)).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ type: 'direct' })]),
    });
  });

  it('prints a line for wscat with the address and the first frame', async () => {
    const { stdout } = await cli(['token', 'bob', '--url', server.url]);
    const [, address = '', frame = ''] = /^npx -y wscat -c '(\S+)' -w -1 -x '(.+)'$/m.exec(stdout) ?? [];
    const socket = new WebSocket(address);
    const frames: string[] = [];
    socket.on('message', (data: Buffer) => frames.push(String(data)));
    socket.on('open', () => socket.send(frame));
    const [first] = await until(() => (frames.length > 0 ? frames : undefined), { what: 'the first frame', timeoutMs: HANGS_MS });
    socket.close();
    expect(JSON.parse(first ?? '')).toMatchObject(['connected', { protocol: 1 }]);
  });

  it('prints JSON for scripts', async () => {
    const { stdout } = await cli(['token', 'carol', '--json'], configured);
    expect(JSON.parse(stdout)).toEqual({
      url: server.url,
      userId: expect.any(String),
      accessToken: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      accessTokenExpiresAt: expect.stringMatching(/Z$/),
    });
  });

  it.each([
    ['nobody', 2, [], 'name one user'],
    ['a wrong password', 1, ['alice', '--password', 'no'], 'alice cannot sign in with this password; create the sample users with '],
  ])('refuses %s in one sentence', async (_, code, args, sentence) => {
    expect(await cli(['token', ...args], configured)).toMatchObject({ code, stderr: expect.stringContaining(sentence) });
  });

  it.each([
    [200, { user: { id: 'x' }, accessToken: "a'; touch x; '", accessTokenExpiresAt: '2099-01-01T00:00:00.000Z' }, 'is no access token'],
    [500, { code: 'INTERNAL', error: 'red \u001B[31m' }, 'red \uFFFD[31m'],
  ])('prints nothing of a server that a shell or a terminal would obey: %s', async (status, body, sentence) => {
    const hostile = createServer((_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    }).listen(0, '127.0.0.1');
    await once(hostile, 'listening');
    const { port } = hostile.address() as AddressInfo;
    const { code, stdout, stderr } = await cli(['token', 'alice', '--url', `http://127.0.0.1:${port}`]);
    hostile.close();
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: expect.stringContaining(sentence) });
  });
});

describe('a page of another origin', () => {
  it('is refused, and the log says once what allows it', async () => {
    const origin = 'http://192.168.1.20:5173';
    const headers = { origin, 'content-type': 'application/json' };
    const answers = await Promise.all([1, 2].map(() => fetch(`${server.url}/api/v1/auth/login`, { method: 'POST', headers, body: '{}' })));
    expect(answers.map(({ status }) => status)).toEqual([403, 403]);
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws`, { origin });
    expect(await new Promise<string>((resolve) => socket.on('error', ({ message }) => resolve(message)))).toContain('403');
    const told = () => server.logs().filter((entry) => entry.origin === origin);
    await until(() => told().length > 0, { what: 'the line in the log', timeoutMs: HANGS_MS });
    expect(told().map(({ msg }) => String(msg))).toEqual([expect.stringMatching(/: CORS_ORIGINS=http:\/\/192\.168\.1\.20:5173$/)]);
  });
});

describe('a command that is told the server', () => {
  const broken = { PORT: 'x', DATABASE_URL: 'nonsense', DATA_DIR: '/proc/none' };

  it('looks at no other configuration', async () => {
    expect(await cli(['token', 'alice', '--url', server.url], broken)).toMatchObject({ code: 0, stderr: '' });
    expect(await cli(['seed', '--url', server.url], broken)).toMatchObject({ code: 0, stderr: '' });
    expect(await cli(['token', 'alice'], broken)).toMatchObject({ code: 1, stderr: expect.stringContaining('PORT is "x"') });
  });

  it('not even at a file that cannot be read', async () => {
    const directory = await privateDirectory('env');
    await mkdir(path.join(directory, '.env'));
    const run = (...args: string[]) =>
      promisify(execFile)(process.execPath, [path.join(ROOT, 'apps/server/cli.mjs'), ...args], { cwd: directory, env: nodeEnvironment() });
    expect((await run('token', 'alice', `--url=${server.url}`)).stdout).toContain('curl ');
    await expect(run('token', 'alice')).rejects.toMatchObject({
      stderr: expect.stringMatching(/^the file \.env cannot be read \(\w+\)[^\n]+\n$/),
    });
    await rm(directory, { recursive: true });
  });

  it('is refused in production all the same, where it would make people with public passwords', async () => {
    expect(await cli(['seed', '--url', server.url], { NODE_ENV: 'production' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('refused in production'),
    });
  });
});

describe('the start', () => {
  const version = /^\d+\.\d+\.\d+$/;

  it('says its version and its options, and so does the command line', async () => {
    for (const [script, args] of [
      ['main.ts', ['--version']],
      ['cli/main.ts', ['--version']],
    ] as const) {
      const program = start(script, args, { PORT: 'broken' });
      running.push(program);
      expect(await program.exited).toBe(0);
      expect(program.lines).toEqual([expect.stringMatching(version)]);
    }
  });

  it('refuses an option that does not exist, in one line', async () => {
    const program = start('main.ts', ['--port', '80'], {});
    running.push(program);
    expect(await program.exited).toBe(1);
    expect(program.errorLines).toEqual([
      expect.stringMatching(/^Coucou did not start: there is no option "--port"; the options are --open/),
    ]);
  });

  it('opens the browser when asked to', async ({ skip }) => {
    if (process.platform !== 'linux') skip('the program that opens a browser is that of Linux');
    const directory = await privateDirectory('open');
    await unpackImage(path.join(directory, 'data'));
    const opened = path.join(directory, 'opened');
    await writeFile(path.join(directory, 'xdg-open'), `#!/bin/sh\necho "$1" > ${opened}.part && mv ${opened}.part ${opened}\n`);
    await chmod(path.join(directory, 'xdg-open'), 0o755);
    const env = { NODE_ENV: 'test', PORT: '0', DATA_DIR: path.join(directory, 'data'), PATH: `${directory}:${process.env['PATH']}` };
    const program = start('main.ts', ['--open', '--no-demo'], env);
    running.push(program);
    const { url } = JSON.parse(await program.says('"ready"')) as { url: string };
    expect(await until(() => readFile(opened, 'utf8').catch(() => undefined), { what: 'the browser', timeoutMs: HANGS_MS })).toBe(
      `${url}/\n`,
    );
    program.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    await rm(directory, { recursive: true });
  });
});
