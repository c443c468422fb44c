import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { environment } from '../support/environment.ts';
import { freePort, privateDirectory } from '../support/machine.ts';
import { type SpawnedApp, spawnTestApp } from '../support/spawned-app.ts';
import type { Database } from '../support/template.ts';
import { withDeadline } from '../support/until.ts';
import { inDatabase } from './sql.ts';
import { command, HANGS_MS, type Program, start } from './support.ts';

const running: Program[] = [];
const cli = (args: readonly string[], env: Record<string, string> = {}): Program => {
  const program = start('cli/main.ts', args, env);
  running.push(program);
  return program;
};
async function done(program: Program): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const code = await withDeadline(program.exited, { what: 'the command to end', timeoutMs: HANGS_MS });
  return { code, stdout: program.lines.join('\n'), stderr: program.errorLines.join('\n') };
}
const result = (args: readonly string[], env: Record<string, string> = {}) => command(args, env);

afterEach(() => {
  for (const program of running.splice(0)) program.kill('SIGKILL');
});

describe('the command line', () => {
  it('lists its commands', async () => {
    expect(await result([])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^Everyday\n +seed .+\n +chat .+\n[\s\S]*^Database\n +migrate .+\n[\s\S]*^Development\n[\s\S]* +generate /m,
      ),
    });
  });

  it('says what it does not understand', async () => {
    expect(await result(['chta'])).toMatchObject({ code: 2, stderr: expect.stringContaining('did you mean chat?') });
    expect(await result(['seed', '--nope'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/--nope[\s\S]+pnpm cli seed --url/) });
    expect(await result(['chat', '--as', 'alice'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^--as and --to are required\n\npnpm cli chat --as/),
    });
    for (const args of [['jobs', 'lsit'], ['limits', '--set', 'rest'], ['config'], ['load', '--people', 'x'], ['completion', 'tcsh']])
      expect({ args, ...(await result(args)) }).toMatchObject({
        args,
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/\n\npnpm cli /),
      });
  });

  it('colours where it is asked to, and nothing in a pipe', async () => {
    const [plain, coloured, refused] = [
      await done(cli(['chta'])),
      await done(cli(['chta'], { FORCE_COLOR: '1' })),
      await done(cli(['chta'], { NO_COLOR: '1' })),
    ];
    expect(coloured.stderr).toContain('\u001B[31munknown command');
    expect(coloured.stderr).toContain('\u001B[1mmigrate\u001B[22m');
    for (const { stderr } of [plain, refused]) expect(stderr).not.toContain('\u001B');
  });

  it('completes commands, actions and options in bash, and leaves the rest of pnpm to what completes it', async () => {
    const { stdout } = await result(['completion', 'bash']);
    const completed = (...words: string[]) =>
      execFileSync(
        'bash',
        [
          '--norc',
          '-c',
          `other() { COMPREPLY=(other); }\ncomplete -F other pnpm\n${stdout}\nCOMP_WORDS=("$@")\nCOMP_CWORD=$(($# - 1))\n_coucou_cli\necho "\${COMPREPLY[*]}"`,
          'bash',
          ...words,
        ],
        {
          encoding: 'utf8',
        },
      ).trim();
    expect(completed('pnpm', 'cli', 'mig')).toBe('migrate');
    expect(completed('pnpm', 'cli', 'migrate', '--')).toBe('--status --dry-run --help');
    expect(completed('pnpm', 'cli', 'jobs', 're')).toBe('retry');
    expect(completed('pnpm', 'cli', 'backup', '--')).toBe('--no-files --help');
    expect(completed('pnpm', 'cli', 'load', '--p')).toBe('--people --processes --p99');
    expect(completed('pnpm', 'run', '')).toBe('other');
  });

  it.each(['zsh', 'fish'])('prints a script for %s as well', async (shell) => {
    const { code, stdout } = await result(['completion', shell]);
    expect(code).toBe(0);
    expect(stdout).toContain(shell === 'zsh' ? 'bashcompinit' : '-a migrate');
  });

  it('helps with each command', async () => {
    expect(await result(['migrate', '--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('--dry-run') });
  });

  it('prints the configuration as JSON, and what is wrong with it as text beside', async () => {
    const { code, stdout } = await result(['config', 'check', '--json'], { PORT: '3001' });
    expect(code).toBe(0);
    expect(stdout.split('\n').map((line) => JSON.parse(line))).toContainEqual({ setting: 'PORT=3001' });
    expect(await result(['config', 'check', '--json'], { PORT: 'x' })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('PORT'),
    });
  });

  it('names the faults of the configuration', async () => {
    expect(await result(['seed'], { PORT: 'x' })).toMatchObject({ code: 1, stderr: expect.stringMatching(/an error:\n {2}- PORT is "x"/) });
  });
});

describe('migrate', () => {
  it('shows, applies, and has nothing left to do', async () => {
    const database = await createDatabase({ empty: true });
    const env = environment({ database });
    expect(await result(['migrate', '--dry-run'], env)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^pending {2}coucou\/0001-accounts/),
    });
    expect((await result(['migrate'], env)).stdout).toMatch(/coucou\/0001-accounts: applied[\s\S]+Applied \d+ changes\.$/);
    expect((await result(['migrate'], env)).stdout).toBe('The database is up to date.');
    expect((await result(['migrate', '--status'], env)).stdout).toMatch(/^applied {2}coucou\/0001-accounts[\s\S]+Nothing is pending\.$/);
    // A function whose text has changed is pending by itself.
    await inDatabase(database.ownerUrl, `update schema_function set hash = 'of another text' where name = 'users/search-users'`);
    expect((await result(['migrate', '--dry-run'], env)).stdout).toBe('pending  coucou/functions/users/search-users');
    expect((await result(['migrate'], env)).stdout).toBe('coucou/functions/users/search-users: applied\nApplied 1 change.');
    await database.drop();
  });

  it('says why it cannot', async () => {
    const port = await freePort();
    const { code, stderr } = await result(['migrate'], { DATABASE_URL: `postgres://u:hunter2@127.0.0.1:${port}/x` });
    expect(stderr).toMatch(/^PostgreSQL at 127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)[^\n]+$/);
    expect(code).toBe(1);
  });

  it('leaves the embedded database to the server', async () => {
    expect(await result(['migrate'])).toMatchObject({ code: 0, stdout: expect.stringContaining('when the server starts') });
  });
});

describe('generate', () => {
  it('finds the generated files current', async () => {
    expect(await result(['generate', '--check'])).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('seed and chat', () => {
  let database: Database;
  let server: SpawnedApp;
  beforeAll(async () => {
    database = await createDatabase();
    server = await spawnTestApp({ database, env: { PORT: String(await freePort()) } });
  });
  afterAll(async () => {
    await server?.stop();
    await database.drop();
  });

  const chat = (as: string, to: string) => cli(['chat', '--as', as, '--to', to, '--url', server.url]);

  it('seeds a running server, and again without harm', async () => {
    for (const attempt of [1, 2]) {
      const { code, stdout, stderr } = await result(['seed', '--url', server.url]);
      expect({ attempt, code, stderr }).toEqual({ attempt, code: 0, stderr: '' });
      expect(stdout).toMatch(/alice +coucou-alice\n.+bob +coucou-bob\n.+carol +coucou-carol\n.+dan +coucou-dan/);
    }
    const reader = chat('carol', 'alice');
    reader.endInput();
    const { stdout } = await done(reader);
    expect(stdout.match(/Did you see the new office\?/g)).toHaveLength(1);
  });

  it('refuses in production, and where no server answers', async () => {
    expect(await result(['seed'], { NODE_ENV: 'production', EMBEDDED: '1' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('refused in production'),
    });
    for (const [size, complaint] of [
      ['0', 'from 1 to'],
      ['many', 'from 1 to'],
      ['1000', 'set DATABASE_URL'],
    ] as const)
      expect(await result(['seed', '--size', size])).toMatchObject({
        code: size === '1000' ? 1 : 2,
        stderr: expect.stringContaining(complaint),
      });
    expect(await result(['seed', '--size', '10'], { NODE_ENV: 'production', EMBEDDED: '1' })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('refused in production'),
    });
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    expect(await result(['seed', '--url', nowhere])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`no server answers at ${nowhere}`),
    });
  });

  it('starts a server of its own when none runs, on a database that it makes and migrates itself', async () => {
    const directory = await privateDirectory('seed');
    const env = environment({ env: { DATA_DIR: path.join(directory, 'data'), PORT: String(await freePort()) } });
    // A server takes over the signals and the output of its process.
    expect(await done(cli(['seed'], env))).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/alice +coucou-alice[\s\S]+pnpm start/),
    });
    await rm(directory, { recursive: true });
  });

  it('lets two people talk, over an outage of the server', async () => {
    const [alice, bob] = [chat('alice', 'bob'), chat('bob', 'alice')];
    await Promise.all([alice.says('-- connected'), bob.says('-- connected')]);
    expect(alice.lines.filter((line) => /^\[\d\d:\d\d\] (alice|bob): /.test(line))).toHaveLength(3);

    alice.type('hello bob');
    await bob.says(/^\[\d\d:\d\d\] alice: hello bob$/);
    bob.type('hello alice');
    await alice.says(/^\[\d\d:\d\d\] bob: hello alice$/);

    await server.kill('SIGKILL');
    await Promise.all([alice.says('-- connection lost'), bob.says('-- connection lost')]);
    alice.type('while the server is away');
    alice.type('and in order');
    await server.restart();
    await Promise.all([alice.says('-- reconnected'), bob.says('-- reconnected')]);
    await bob.says('alice: and in order');

    bob.type('/quit');
    alice.type('after bob left');
    alice.endInput();
    expect([(await done(bob)).code, (await done(alice)).code]).toEqual([0, 0]);
    for (const { lines } of [alice, bob]) {
      const texts = lines.filter((line) => line.startsWith('[')).map((line) => line.slice('[hh:mm] '.length));
      expect(texts.slice(3, 7)).toEqual(['alice: hello bob', 'bob: hello alice', 'alice: while the server is away', 'alice: and in order']);
    }
    expect(alice.lines.at(-1)).toMatch(/alice: after bob left$/);
  });

  it('finds someone whom one never met', async () => {
    // Nothing is seeded between the two.
    const [dan, carol] = [chat('dan', 'Carol'), chat('carol', 'dan')];
    await Promise.all([dan.says('-- connected'), carol.says('-- connected')]);
    dan.type('we have not talked yet');
    await carol.says(/^\[\d\d:\d\d\] dan: we have not talked yet$/);
    for (const program of [dan, carol]) program.endInput();
    expect([(await done(dan)).code, (await done(carol)).code]).toEqual([0, 0]);
  });

  it('comes back to a server that was drained', async () => {
    const dan = chat('dan', 'bob');
    await dan.says('-- connected');
    await server.kill('SIGTERM');
    await dan.says('-- connection lost (server_draining)');
    await server.restart();
    await dan.says('-- reconnected');
    dan.endInput();
    expect((await done(dan)).code).toBe(0);
  });

  it('does not let others steer the terminal', async () => {
    const [alice, bob] = [chat('alice', 'bob'), chat('bob', 'alice')];
    await Promise.all([alice.says('-- connected'), bob.says('-- connected')]);
    alice.type('\u001B[2Jgone');
    expect(await bob.says('gone')).toMatch(/alice: \uFFFD\[2Jgone$/);
  });

  it('says why someone cannot be reached', async () => {
    const refused = (as: string, to: string) => result(['chat', '--as', as, '--to', to, '--url', server.url]);
    expect(await refused('alice', 'nobody')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no user called nobody'),
    });
    expect(await refused('alice', 'bobb')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no user called bobb; did you mean bob?'),
    });
    expect(await refused('nobody', 'alice')).toMatchObject({ code: 1, stderr: expect.stringContaining('nobody cannot sign in') });
    expect(await refused('alice', 'Alice')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^--as and --to are both alice; give another user with --to\n\npnpm cli chat /),
    });
    // As an id, which is known for one's own by the server alone; so is every other refusal, which is told without a stack.
    expect(await refused('alice', '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f')).toMatchObject({
      code: 1,
      stderr: 'the server answered: There is no such user. (USER_NOT_FOUND)',
    });
  });
});
