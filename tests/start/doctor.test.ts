import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { loadConfig } from '@coucou/server/config';
import { checkDatabase } from '@coucou/server/doctor/database';
import type { Finding } from '@coucou/server/doctor/finding';
import { checkRedis } from '@coucou/server/doctor/redis';
import { checkAddress, checkFiles, checkMail } from '@coucou/server/doctor/surroundings';
import { findIdleTransaction } from '@coucou/postgres/inspection';
import { Redis } from 'ioredis';
import pg from 'pg';
import { expect, it } from 'vitest';
import { createDatabase, redisUrl } from '../support/database.ts';
import { environment, type EnvironmentOptions } from '../support/environment.ts';
import { freePort } from '../support/machine.ts';
import { startRedis } from '../support/services.ts';
import { openSmtpSink } from '../support/smtp-sink.ts';
import { inDatabase } from './sql.ts';
import { command } from './support.ts';

const config = (options: EnvironmentOptions) => loadConfig(environment(options));
const told = (findings: readonly Finding[]) => findings.map(({ status, about, found }) => `${status} ${about}: ${found}`);
const worst = (findings: readonly Finding[]) => findings.filter(({ status }) => status !== 'ok');

it('finds nothing wrong with a database that is in order, and names what is not', async () => {
  const database = await createDatabase();
  expect(told(await checkDatabase(config({ database })))).toEqual([
    expect.stringMatching(/^ok database: PostgreSQL 1\d\.\d+$/),
    'ok clock of the database: agrees with this machine',
    'ok fsync: is on',
    'ok full_page_writes: is on',
    'ok synchronous_commit: is on',
    expect.stringMatching(/^ok rights of the login: \w+ owns nothing and passes no policy$/),
    'ok migrations: the schema is of this version',
    expect.stringMatching(/^ok owner: \w+ can log in$/),
  ]);
  const name = new URL(database.url).pathname.slice(1);
  await inDatabase(database.ownerUrl, `alter database ${name} set synchronous_commit = off`);
  const asOwner = { url: database.ownerUrl, ownerUrl: database.ownerUrl };
  const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://chat.example.com' };
  const findings = worst(await checkDatabase(config({ database: asOwner, env: production })));
  expect(findings.map(({ status, about }) => [status, about])).toEqual([
    ['fault', 'synchronous_commit'],
    ['fault', 'rights of the login'],
  ]);
  expect(findings[0]?.fix).toContain('ALTER SYSTEM SET synchronous_commit = on');
  expect(worst(await checkDatabase(config({ database: asOwner }))).map(({ status }) => status)).toEqual(['warning', 'warning']);
  await database.drop();
});

it('names a session that has been idle in a transaction for a while', async () => {
  const database = await createDatabase();
  const asOwner = { url: database.ownerUrl, ownerUrl: database.ownerUrl };
  const idle = new pg.Client({ connectionString: database.ownerUrl, application_name: 'a report' });
  await idle.connect();
  await idle.query('begin; select 1');
  expect(await findIdleTransaction(asOwner.url, 3_600)).toBeUndefined();
  expect(await findIdleTransaction(asOwner.url, 0)).toEqual({
    pid: expect.any(Number),
    login: new URL(asOwner.url).username,
    application: 'a report',
    seconds: expect.any(Number),
  });
  await idle.query('commit');
  expect(await findIdleTransaction(asOwner.url, 0)).toBeUndefined();
  await idle.end();
  await database.drop();
});

it('says of a database without a schema, or without a server, what to do', async () => {
  const empty = await createDatabase({ empty: true });
  const production = { NODE_ENV: 'production' };
  const asOwner = { url: empty.ownerUrl, ownerUrl: empty.ownerUrl };
  expect(worst(await checkDatabase(config({ database: asOwner, env: production }))).at(-1)).toMatchObject({
    status: 'fault',
    about: 'migrations',
    fix: expect.stringContaining('pnpm cli migrate'),
  });
  await empty.drop();
  expect(await checkDatabase(config({ database: asOwner }))).toMatchObject([
    { status: 'fault', fix: expect.stringMatching(/create it .*, or check DATABASE_URL/) },
  ]);
  const nobody = `postgres://coucou:secret-of-the-url@127.0.0.1:${await freePort()}/coucou`;
  const away = await checkDatabase(config({ database: { url: nobody, ownerUrl: nobody } }));
  expect(away).toMatchObject([
    { status: 'fault', found: expect.stringContaining('cannot be reached (ECONNREFUSED)'), fix: 'start it, or check DATABASE_URL' },
  ]);
  expect(JSON.stringify(away)).not.toContain('secret-of-the-url');
});

it('looks at Redis: its version, its policy, whether it takes writes, and its clock', async () => {
  const own = await startRedis({ args: ['--maxmemory-policy', 'noeviction'] });
  const look = () => checkRedis(config({ redisUrl: own.url }));
  const redis = new Redis(own.url);
  try {
    expect(told(await look())).toEqual([
      expect.stringMatching(/^ok Redis: \d+\.\d+\.\d+$/),
      'ok Redis: takes writes',
      'ok maxmemory-policy: noeviction',
      'ok clock of Redis: agrees with this machine',
    ]);
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await redis.config('SET', 'min-replicas-to-write', '1');
    expect(worst(await look()).map(({ status, about }) => [status, about])).toEqual([
      ['fault', 'Redis'],
      ['fault', 'maxmemory-policy'],
    ]);
  } finally {
    redis.disconnect();
    await own.stop();
  }
  expect(await look()).toMatchObject([{ status: 'fault', found: expect.stringContaining('(ECONNREFUSED)') }]);
});

it('looks at files, mail and the address of the server', async () => {
  expect(await checkFiles(config({}))).toMatchObject([{ status: 'ok', about: 'files' }]);
  const noDirectory = config({ env: { DATA_DIR: '/proc/self/status' } });
  expect(await checkFiles(noDirectory)).toMatchObject([{ status: 'fault', found: expect.stringContaining('cannot be written') }]);

  const sink = await openSmtpSink();
  const sender = { MAIL_FROM: 'a@example.com', APP_URL: 'http://localhost' };
  expect(await checkMail(config({ env: { SMTP_URL: sink.url, ...sender } }))).toMatchObject([{ status: 'ok' }]);
  await sink.close();
  expect(await checkMail(config({ env: { SMTP_URL: sink.url, ...sender } }))).toMatchObject([
    { status: 'fault', found: expect.stringContaining('cannot be used') },
  ]);

  const proxy = createServer((request, response) => response.writeHead(request.url === '/health/live' ? 200 : 404).end());
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const PUBLIC_URL = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  expect(told(await checkAddress(config({ env: { PUBLIC_URL } })))).toEqual([`ok PUBLIC_URL: ${PUBLIC_URL} answers`]);
  expect(await checkAddress(config({ env: { PUBLIC_URL: `${PUBLIC_URL}/elsewhere` } }))).toMatchObject([
    { status: 'warning', found: expect.stringContaining('answers 404') },
  ]);
  proxy.close();
  expect(worst(await checkAddress(config({ env: { PUBLIC_URL: 'https://localhost:9' } }))).map(({ about }) => about)).toEqual([
    'TRUST_PROXY',
    'PUBLIC_URL',
  ]);
});

it('is a command whose exit code tells of faults, in words and as JSON', async () => {
  const database = await createDatabase();
  const [sound, faulty, help] = await Promise.all([
    command(['doctor', '--json'], environment({ database, redisUrl: redisUrl() })),
    command(['doctor'], { PORT: 'x', LOG_LEVEL: 'loud' }),
    command(['doctor', '--help'], {}),
  ]);
  expect([sound.code, sound.stderr]).toEqual([0, '']);
  const findings = sound.stdout.split('\n').map((line) => JSON.parse(line) as Finding);
  expect(new Set(findings.map(({ about }) => about))).toEqual(
    new Set([
      'configuration',
      'database',
      'clock of the database',
      'fsync',
      'full_page_writes',
      'synchronous_commit',
      'rights of the login',
      'migrations',
      'owner',
      'Redis',
      'maxmemory-policy',
      'clock of Redis',
      'files',
      'mail',
      'PUBLIC_URL',
    ]),
  );
  expect(faulty.code).toBe(1);
  expect(faulty.stdout).toMatch(/✘ configuration: PORT is "x".+\n {4}correct it/);
  expect(faulty.stderr).toBe('There are 2 faults.');
  expect(help.stdout).toContain('pnpm cli doctor --json');
  await database.drop();
});

it('checks the configuration by itself, and documents it', async () => {
  const secret = 'the tests keep no secrets: 32 bytes or more';
  const [sound, faulty, document, neither] = await Promise.all([
    command(['config', 'check'], { PORT: '4000', SECRET_KEY: secret, PORTS: '1' }),
    command(['config', 'check'], { PORT: 'x' }),
    command(['config', 'doc'], {}),
    command(['config'], {}),
  ]);
  expect([sound.code, sound.stdout]).toEqual([
    0,
    ['  PORT=4000', '  SECRET_KEY=(secret)', '! PORTS is not a known setting; did you mean PORT?', 'The configuration is complete.'].join(
      '\n',
    ),
  ]);
  expect(faulty).toMatchObject({ code: 1, stderr: expect.stringContaining('PORT is "x"') });
  expect(document.stdout).toMatch(/^\| setting \| what it is \| must be \| default \|\n/);
  expect(document.stdout).toMatch(/^\| `METRICS_PORT` \| .+ \|$/m);
  expect(neither).toMatchObject({ code: 2, stderr: expect.stringContaining('check or doc') });
});
