import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { callAdminSocket } from '@coucou/server/admin/admin-client';
import { type AdminCommandName, adminCommands } from '@coucou/server/admin/commands';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpClient } from '../support/clients.ts';
import { createDatabase } from '../support/database.ts';
import { environment } from '../support/environment.ts';
import type { Payload } from '../support/event-log.ts';
import { expectStatus, signUp } from '../support/people.ts';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';
import type { Database } from '../support/template.ts';
import { until } from '../support/until.ts';
import { inDatabase } from './sql.ts';
import { command } from './support.ts';

/**
 * Every command of an operator, as `--help` says it: carried out by the server that holds the embedded database, and beside a server on PostgreSQL.
 */

let server: SpawnedApp;
/** Goes with the server. */
let directory: string;
/** Absent: the embedded one. */
let database: Database | undefined;

/** Commands that stand in the help without a placeholder, and can be typed as they are. */
const examplesOf = (name: AdminCommandName): string[] =>
  [...adminCommands[name].help.matchAll(/^(pnpm cli [^<|\n]*?)(?: {2,}.*)?$/gm)].map(([, line = '']) => line);

/** What the command prints; rejects for what it refuses. */
async function run(line: string): Promise<string> {
  const [, , name, ...words] = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
  const { prepare, localize = (args) => args } = adminCommands[name as AdminCommandName];
  // Files of the examples are here; names of recurring jobs look the same.
  const args = localize(words.map((word) => (name !== 'schedules' && /^\w+\.[a-z.]+$/.test(word) ? path.join(directory, word) : word)));
  prepare(args);
  const dataDir = path.join(directory, 'data');
  if (database !== undefined) {
    const { code, stdout, stderr } = await command([String(name), ...args], { ...environment({ database }), DATA_DIR: dataDir });
    if (code !== 0) throw new Error(stderr);
    return stdout;
  }
  const printed: string[] = [];
  const carriedOut = await callAdminSocket(dataDir, { command: String(name), args }, (text) => printed.push(text));
  expect(carriedOut).toBe(true);
  return printed.join('\n');
}

/** The one example that says this. */
function example(name: AdminCommandName, words: RegExp): string {
  const found = examplesOf(name).filter((line) => words.test(line));
  if (found.length !== 1) throw new Error(`${found.length} examples of ${name} say ${String(words)}:\n${adminCommands[name].help}`);
  return String(found[0]);
}

const logIn = (identifier: string, password: string, clientKey = 'default') =>
  httpClient(server.url, { clientKey }).call('POST', '/api/v1/auth/login', { identifier, password });
/** A server on PostgreSQL hears of it within seconds. */
const answers = (token: string, code: string | undefined) =>
  until(async () => (await me(token)).body.code === code, { what: `the answer ${code}`, timeoutMs: 30_000 });
const me = (token: string) => httpClient(server.url, { token }).call('GET', '/api/v1/auth/me');
/** The password that `create-admin` made. */
const passwordIn = (said: string) => / The password is (\S+)$/.exec(said)?.[1] ?? '';

let alice: Payload;

describe.each(['the embedded database', 'PostgreSQL'] as const)('the examples of a command, on %s', (engine) => {
  beforeAll(async () => {
    database = engine === 'PostgreSQL' ? await createDatabase() : undefined;
    server = await spawnTestApp({ database });
    ({ directory } = server);
  });
  afterAll(async () => {
    await server?.stop();
    await database?.drop();
  });

  it.each(Object.keys(adminCommands) as AdminCommandName[])('are there: %s', (name) => {
    expect(examplesOf(name)).not.toEqual([]);
  });

  it('create-admin: an owner, who signs in', async () => {
    const said = await run(example('create-admin', /--email/));
    expect(said).toMatch(/^Created alice, owner\. The password is [\w-]{24}$/);
    alice = expectStatus(await logIn('alice@example.com', passwordIn(said)), 200);
    expect(alice['user']).toMatchObject({ username: 'alice', role: 'owner', emailVerified: true });
  });

  it('create-account: an account, with an owner and an admin of its own', async () => {
    expect(await run(example('create-account', /--key/))).toMatch(/^Created the account acme \(/);
    const owner = passwordIn(await run(example('create-account', /create-admin/)));
    expect(expectStatus(await logIn('alice', owner, 'acme'), 200).user).toMatchObject({ role: 'owner' });
    const admin = passwordIn(await run(example('create-admin', /--role admin/)));
    expect(expectStatus(await logIn('bob', admin, 'acme'), 200).user).toMatchObject({ role: 'admin' });
    expect((await logIn('alice', owner)).body.code).toBe('INVALID_CREDENTIALS');
  });

  it('mint-token: a session; revoke-sessions: its end', async () => {
    const { accessToken, userId } = JSON.parse(await run(example('mint-token', /./)));
    expect(expectStatus(await me(accessToken), 200).user.id).toBe(userId);
    expect(await run(example('revoke-sessions', /./))).toBe('2 sessions of alice ended.');
    await answers(accessToken, 'SESSION_REVOKED');
  });

  it('suspend: a person, with an event for the owners; and it is lifted', async () => {
    const { accessToken } = JSON.parse(await run(example('mint-token', /./)));
    const mallory = expectStatus(
      await httpClient(server.url).call('POST', '/api/v1/auth/signup', {
        username: 'mallory',
        email: 'mallory@example.com',
        password: 'correct horse battery',
      }),
      201,
    );
    expect(await run(example('suspend', /--user mallory$/))).toBe('mallory is suspended.');
    await answers(mallory.accessToken, 'USER_SUSPENDED');
    expect(await run(example('suspend', /--lift/))).toBe('mallory is no longer suspended.');
    await answers(mallory.accessToken, undefined);
    const query = `/api/v1/admin/audit-logs?targetId=${mallory.user.id}`;
    const { items } = expectStatus(await httpClient(server.url, { token: accessToken }).call('GET', query), 200);
    expect(items).toMatchObject([{ action: 'user_restored' }, { action: 'user_suspended', actor: { kind: 'operator' } }, {}, {}]);
    await expect(run('pnpm cli suspend --user alice')).rejects.toThrow('owner');
  });

  it('suspend: a whole account', async () => {
    const carol = await signUp(server.url, 'carol', { clientKey: 'acme' });
    expect(await run(example('suspend', /--whole-account --account/))).toBe('The account acme is suspended.');
    await answers(carol.accessToken, 'ACCOUNT_SUSPENDED');
  });

  it('rotate-keys: another key, beside the one before', async () => {
    const { accessToken } = JSON.parse(await run(example('mint-token', /./)));
    const published = async () => {
      const response = await fetch(`${server.url}/.well-known/jwks.json`);
      return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
    };
    // A server on PostgreSQL publishes them within a minute.
    const keys = async () =>
      database === undefined
        ? published()
        : (await inDatabase(database.ownerUrl, 'select kid from signing_key')).map(({ kid }) => String(kid));
    const before = await keys();
    expect(await run(example('rotate-keys', /./))).toMatch(/^Access tokens are signed by another key/);
    const after = await keys();
    expect(after).toHaveLength(before.length + 1);
    expect(after).toEqual(expect.arrayContaining(before));
    expectStatus(await me(accessToken), 200);
  });

  it('import-users: first what would be done, then people who sign in with the passwords they had', async () => {
    const [line = ''] = /^\{.*\}$/m.exec(adminCommands['import-users'].help) ?? [];
    // Of "a password of theirs".
    const hash = '$2b$10$JVHQfJJie6QEdc8jjfmjbesBAhqXgw.KX0rGUrm6nZ3ozeSijTnUS';
    await writeFile(path.join(directory, 'people.ndjson'), `${line.replace('$2b$12$…', () => hash)}\n`);
    expect(await run(example('import-users', /--dry-run/))).toMatch(/^1 lines read, 1 people would be created/);
    expect(await run(example('import-users', /ndjson$/))).toMatch(/^1 lines read, 1 people created/);
    expect(expectStatus(await logIn('dora', 'a password of theirs'), 200).user).toMatchObject({ displayName: 'Dora' });
  });

  it('export-user: an archive of what is held', async () => {
    expect(await run(example('export-user', /./))).toBe(`Wrote ${path.join(directory, 'alice.tar.gz')}.`);
    expect(gunzipSync(await readFile(path.join(directory, 'alice.tar.gz'))).toString('latin1')).toContain('alice@example.com');
    await expect(run(example('export-user', /./))).rejects.toThrow('must not exist yet');
  });

  it('export: an account in a folder; import: the same in another', async () => {
    expect(await run(example('export', /--out chat\.export$/))).toMatch(/^Wrote .*chat\.export: \d+ lines, 0 messages, 0 files\.$/);
    await expect(run(example('export', /--out chat\.export$/))).rejects.toThrow('exists already');
    expect(await run(example('export', /--passwords/))).toMatch(/^Wrote .*acme\.export/);
    expect(await run(example('import', /--dry-run/))).toMatch(
      /^\d+ lines checked: 0 people \(and [1-9]\d* there already\), 0 conversations/,
    );
    await run("pnpm cli create-account --key copy --name 'Copy'");
    const into = example('import', /--account/).replace('acme', 'copy');
    expect(await run(`${into} --dry-run`)).toMatch(/^\d+ lines checked: [1-9]\d* people, 0 conversations/);
    expect(await run(into)).toMatch(/^\d+ lines read: [1-9]\d* people, 0 conversations/);
    expect(JSON.parse(await run(`${into} --json`))).toMatchObject({ people: 0, faults: [] });
    await expect(run('pnpm cli import nothing.here')).rejects.toThrow('there is no file or folder');
  });

  it('attachments: nothing is an orphan here', async () => {
    expect(examplesOf('attachments')).toHaveLength(2);
    for (const line of examplesOf('attachments')) expect(await run(line)).toMatch(/^0 attachments/);
  });

  it('audit: the log is as it was written, and has a head', async () => {
    const sealed = async () => (await run(example('audit', /head --account/))).split(' ')[0];
    await until(async () => Number(await sealed()) > 0, { what: 'a seal', timeoutMs: 30_000 });
    expect(await run(example('audit', /verify --account acme$/))).toMatch(/^acme: \d+ entries are as they were written/);
    expect(await run(example('audit', /export/))).toBe(`Wrote ${path.join(directory, 'audit.ndjson')}.`);
    const [newest = ''] = (await readFile(path.join(directory, 'audit.ndjson'), 'utf8')).split('\n');
    expect(JSON.parse(newest)).toMatchObject({ action: 'audit_exported', actor: { kind: 'operator' } });
  });

  it('jobs: nothing was given up here', async () => {
    expect(await run(example('jobs', /list --account/))).toBe('Nothing was given up.');
    expect(await run('pnpm cli jobs list --json')).toBe('');
    expect(await run(example('jobs', /retry --all$/))).toBe('0 side effects will be tried again.');
  });

  it('limits: sets those of an account, which its server has within two seconds, and takes them back', async () => {
    await run("pnpm cli create-account --key limited --name 'Limited'");
    const [set, reset] = [example('limits', /--set user/), example('limits', /--reset connections$/)].map((line) =>
      line.replace('acme', 'limited'),
    );
    expect(await run('pnpm cli limits --account limited')).toMatch(/^rest +\S+\n[^(]+$/);
    expect(await run(set ?? '')).toMatch(/^user-messages +60\/60,20\/5 {2}\(granted to limited\)$[\s\S]+^connections +50 {2}\(granted/m);
    expect(await run('pnpm cli limits --account limited --set rest=7/60')).toMatch(/^rest +7\/60 {2}\(granted to limited\)$/m);
    const lena = await signUp(server.url, 'lena', { clientKey: 'limited' });
    await until(async () => (await lena.http.call('GET', '/api/v1/auth/me')).headers.get('ratelimit-policy') === '"rest";q=7;w=60', {
      what: 'the limit of the account in an answer',
    });
    expect(await run(reset ?? '')).toMatch(/^connections +\S+$/m);
    for (const [words, said] of [
      ['--set rest=lots', /rest must be off, or counts per seconds/],
      ['--set connections=0', /connections/],
      ['--set speed=1', /there is no limit "speed"/],
      ['--set rest', /--set takes a name and a limit/],
      ['--set rest=1/1 --reset rest', /either --set or --reset of rest/],
    ] as const)
      await expect(run(`pnpm cli limits ${words}`)).rejects.toThrow(said);
  });

  it('schedules: shows when jobs run, and runs one now', async () => {
    const list = () => run(example('schedules', /list$/));
    await until(async () => (await list()).includes('auth.forgetRevoked'), { what: 'the jobs that the server declares' });
    expect(await list()).toMatch(/^auth\.forgetRevoked {2}\(0 3 \* \* \* UTC\)\n {2}next \d{4}-\d\d-\d\d 03:00:00\n {2}never run yet$/m);
    expect(await run(example('schedules', /run/))).toBe('attachments.collect runs within 10 seconds.');
    const done = /^attachments\.collect {2}\(every 10m\)\n {2}next .*\n {2}last \S+ \S+ on \S+, \d+\.\d s: done, 0 expired, 0 strayFiles$/m;
    await until(async () => done.test(await list()), { what: 'the run of a job', timeoutMs: 20_000 });
    const jobs = (await run(`${example('schedules', /list$/)} --json`)).split('\n').map((line) => JSON.parse(line));
    expect(jobs.find(({ name }) => name === 'attachments.collect')).toMatchObject({ attempts: 0, last: { report: { expired: 0 } } });
    await expect(run('pnpm cli schedules run attachments.collects')).rejects.toThrow(/there is no job "attachments.collects"; there are /);
    for (const words of ['', 'run', 'list all', 'stop all'])
      await expect(run(`pnpm cli schedules ${words}`)).rejects.toThrow(/give one of list, run|give the names of jobs|takes no names/);
  });

  it.each([
    ['limits', ['name', 'limit', 'granted']],
    ['schedules list', ['name', 'timing', 'dueAt', 'runAt', 'attempts']],
    ['audit verify', ['account', 'sealed', 'erased', 'waiting', 'head']],
  ])('%s --json: an object per line, and nothing else', async (words, keys) => {
    const said = await run(`pnpm cli ${words} --json`);
    const rows = said.split('\n').map((line) => JSON.parse(line) as object);
    expect(rows).not.toEqual([]);
    for (const row of rows) expect(Object.keys(row)).toEqual(expect.arrayContaining(keys));
  });

  it('word-list: a word is listed, and taken from the list', async () => {
    expect(await run(example('word-list', /--list/))).toBe('');
    await run('pnpm cli word-list --add darn');
    expect(await run(example('word-list', /--list/))).toBe('mask    darn');
    await run('pnpm cli word-list --remove darn');
  });

  it('leave an entry in the audit log where they change something', async () => {
    const actions = new Set<string>();
    for (const account of ['default', 'acme', 'limited', 'copy']) {
      const file = path.join(directory, `audit-${account}.ndjson`);
      await run(`pnpm cli audit export --account ${account} --out ${file}`);
      for (const line of (await readFile(file, 'utf8')).trim().split('\n')) {
        const { action, actor } = JSON.parse(line);
        if (actor.kind === 'operator') actions.add(action);
      }
    }
    const changing: Readonly<
      Record<Exclude<AdminCommandName, 'attachments' | 'backup' | 'jobs' | 'load-people' | 'verify'>, readonly string[]>
    > = {
      audit: ['audit_exported'],
      'create-account': ['account_created'],
      'create-admin': ['user_created'],
      export: ['account_exported'],
      'export-user': ['user_exported'],
      import: ['account_imported'],
      'import-users': ['users_imported'],
      limits: ['limits_changed'],
      'mint-token': ['token_minted', 'signed_in'],
      'revoke-sessions': ['sessions_revoked'],
      'rotate-keys': ['signing_key_rotated'],
      schedules: ['job_run_ordered'],
      suspend: ['user_suspended', 'user_restored', 'account_suspended'],
      'word-list': ['word_listed', 'word_unlisted'],
    };
    // What the server does by itself as well (attachments), nothing was given up here (jobs: dead-letters.test.ts), load-people acts in an
    // account of its own (load.test.ts), and backup and verify change nothing.
    expect([...actions].toSorted()).toEqual(Object.values(changing).flat().toSorted());
  });

  it('refuse what is not there in one sentence', async () => {
    for (const name of ['mint-token', 'revoke-sessions', 'suspend'])
      await expect(run(`pnpm cli ${name} --user ${randomUUID()}`)).rejects.toThrow('There is no such user.');
  });
});
