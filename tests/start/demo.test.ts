import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { createApp } from '@coucou/server/app';
import { loadConfig } from '@coucou/server/config';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import { environment } from '../support/environment.ts';
import type { Payload } from '../support/event-log.ts';
import { unpackImage } from '../support/image.ts';
import { startTestApp } from '../support/listening-app.ts';
import { privateDirectory } from '../support/machine.ts';
import type { Database } from '../support/template.ts';
import { command, failedStart, start } from './support.ts';

let directory: string;
beforeAll(async () => {
  directory = await privateDirectory('demo');
});
afterAll(() => rm(directory, { recursive: true }));

const development = (env: Record<string, string>) => environment({ env: { NODE_ENV: 'development', LOG_LEVEL: 'fatal', ...env } });

async function newDataDir(name: string): Promise<{ DATA_DIR: string }> {
  const data = path.join(directory, name);
  await unpackImage(data);
  return { DATA_DIR: data };
}

/** Runs a server in this process while the work lasts. */
async function whileServing<T>(env: Record<string, string>, demo: boolean, work: (url: string) => Promise<T>): Promise<T> {
  const app = await createApp(loadConfig(env), { demo });
  try {
    return await work((await app.listen()).url);
  } finally {
    await app.close();
  }
}

const login = (url: string, username: string) =>
  httpClient(url).call('POST', '/api/v1/auth/login', { username, password: `coucou-${username}` });

const peopleOf = async (url: string): Promise<string[]> =>
  (await httpClient(url).call('GET', '/dev/people')).body.items.map(({ username }: Payload) => username);

/** What a person has, by the last message of each conversation. */
async function inboxOf(url: string, username: string): Promise<unknown[]> {
  const { body } = await login(url, username);
  const inbox = await httpClient(url, { token: body.accessToken }).call('GET', '/api/v1/conversations');
  return inbox.body.items.map(({ title, peer, lastMessage }: Payload) => [title ?? peer.username, lastMessage.content]).toSorted();
}

describe('demo people', () => {
  const alices = [
    ['Launch', 'The texts are done as well.'],
    ['Lunch', 'I am in. At noon?'],
    ['bob', 'The server is running. Answer me here, or in a terminal.'],
    ['carol', 'Not yet, I am there on Monday.'],
  ];

  it('are made with their conversations at the first start of an embedded database, once', async () => {
    const env = development(await newDataDir('first'));
    for (const attempt of ['first', 'second'])
      await whileServing(env, true, async (url) => {
        expect([attempt, await peopleOf(url)]).toEqual([attempt, ['alice', 'bob', 'carol', 'dan']]);
        expect(await inboxOf(url, 'alice')).toEqual(alices);
      });
  });

  it('are not made where anybody is, where nobody asks for them, or in a test', async () => {
    const env = development(await newDataDir('none'));
    const none = (more: Record<string, string>, demo: boolean) =>
      whileServing({ ...env, ...more }, demo, async (url) => expect(await peopleOf(url)).toEqual([]));
    await none({}, false);
    await none({ NODE_ENV: 'test' }, true);
    const erin = { username: 'erin', email: 'erin@example.com', password: 'coucou-erin' };
    await whileServing(env, false, async (url) =>
      expect((await httpClient(url).call('POST', '/api/v1/auth/signup', erin)).status).toBe(201),
    );
    await none({}, true);
  });

  it.each([
    [[], true],
    [['--no-demo'], false],
  ] as const)('are made by the start with %j: %s', async (args, made) => {
    const data = await newDataDir(`start${args.length}`);
    const program = start('main.ts', args, development({ ...data, LOG_LEVEL: 'info' }));
    try {
      const { url } = JSON.parse(await program.says('"msg":"ready"')) as { url: string };
      expect((await peopleOf(url)).length > 0).toBe(made);
      expect(program.lines.some((line) => line.includes('made the demo people'))).toBe(made);
    } finally {
      program.kill('SIGTERM');
      await program.exited;
    }
  });
});

describe('a server that others may reach', () => {
  const line = (reason: string) =>
    new RegExp(
      `^Coucou did not start: the database holds demo people .+\\(alice, bob, carol, dan\\).+${reason}; run .[^;]*pnpm[^;]* cli demo --remove., or .+$`,
    );

  it('does not start while demo people have their public passwords, and does without them', async () => {
    const data = await newDataDir('public');
    await whileServing(development(data), true, async (url) => expect(await peopleOf(url)).toHaveLength(4));

    const production = { ...data, NODE_ENV: 'production', EMBEDDED: '1' };
    expect(await failedStart({ env: production })).toMatch(line('it runs in production'));
    expect(await failedStart({ env: { ...data, HOST: '0.0.0.0' } })).toMatch(line('HOST is 0.0.0.0'));
    expect(await failedStart({ env: { ...data, PUBLIC_URL: 'https://chat.example.com' } })).toMatch(line('PUBLIC_URL is .+'));
    expect(await failedStart({ env: { ...data, TRUST_PROXY: '127.0.0.1' } })).toMatch(line('TRUST_PROXY is set'));

    const elsewhere = environment({ env: { ...data, HOST: '0.0.0.0' } });
    expect(await command(['seed'], elsewhere)).toMatchObject({ code: 1, stderr: expect.stringContaining('leave out HOST') });

    const remove = () => command(['demo', '--remove'], environment({ env: production }));
    expect(await remove()).toEqual({ code: 0, stdout: 'Closed the accounts of alice, bob, carol, dan.', stderr: '' });
    expect(await remove()).toEqual({ code: 0, stdout: 'There are no demo people with a public password.', stderr: '' });
    await whileServing(environment({ env: { ...production, LOG_LEVEL: 'fatal' } }), true, async (url) => {
      expect((await login(url, 'alice')).body.code).toBe('INVALID_CREDENTIALS');
      expect((await httpClient(url).call('GET', '/dev/people')).status).toBe(404);
    });
    // They are not made again: somebody is there.
    await whileServing(development(data), true, async (url) => expect(await peopleOf(url)).toEqual([]));
  });

  it('starts with people of these names who chose their passwords', async () => {
    const own = { username: 'alice', email: 'alice@example.com', password: 'a password of my own' };
    const data = await newDataDir('own');
    await whileServing(development(data), false, async (url) =>
      expect((await httpClient(url).call('POST', '/api/v1/auth/signup', own)).status).toBe(201),
    );
    await whileServing(development({ ...data, HOST: '0.0.0.0' }), false, async (url) => expect(url).toMatch(/^http/));
  });

  it('lets nobody choose a public password, in whatever letters: it would not start again', async () => {
    const env = development({ ...(await newDataDir('signup')), HOST: '0.0.0.0' });
    await whileServing(env, false, async (url) => {
      for (const password of ['coucou-alice', 'ｃoucou-alice', 'coucou-bob']) {
        const signup = { username: 'alice', email: 'alice@example.com', password };
        expect((await httpClient(url).call('POST', '/api/v1/auth/signup', signup)).body).toMatchObject({
          code: 'PASSWORD_TOO_WEAK',
          details: { reason: 'common' },
        });
      }
    });
    await whileServing(env, false, async (url) => expect(url).toMatch(/^http/));
  });

  describe('on PostgreSQL', () => {
    let database: Database;
    beforeAll(async () => {
      database = await createDatabase();
    });
    afterAll(() => database.drop());

    it('is as careful with a database that was seeded in development', async () => {
      const server = await startTestApp({ database, env: { NODE_ENV: 'development' }, overrides: { demo: true } });
      try {
        // Those are for the embedded database: this one may be anybody's.
        expect(await peopleOf(server.url)).toEqual([]);
        expect(await command(['seed', '--url', server.url], environment({ database }))).toMatchObject({ code: 0 });
        expect(await peopleOf(server.url)).toHaveLength(4);
      } finally {
        await server.close();
      }
      const elsewhere = { database, env: { HOST: '0.0.0.0' } };
      expect(await failedStart(elsewhere)).toMatch(line('HOST is 0.0.0.0'));
      expect(await command(['demo', '--remove'], environment(elsewhere))).toMatchObject({ code: 0 });
      const log = path.join(directory, 'audit.ndjson');
      expect(await command(['audit', 'export', '--out', log], environment(elsewhere))).toMatchObject({ code: 0 });
      expect((await readFile(log, 'utf8')).match(/"action":"user_suspended","actor":\{"kind":"operator"\}/g)).toHaveLength(4);
      await (await startTestApp(elsewhere)).close();
    });
  });
});
