import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { environment, stages, words } from './dockerfile.ts';

const repository = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(resolve(repository, path), 'utf8');

interface Service {
  image: string;
  build?: string;
  command?: string[];
  environment: Record<string, string>;
  env_file?: { path: string; required: boolean }[];
  networks: string[];
  ports?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  ulimits?: { nofile: { soft: number; hard: number } };
  init?: boolean;
  read_only?: boolean;
  cap_drop?: string[];
  restart: string;
}

const text = read('docker-compose.yml');
const compose = parse(text, { merge: true }) as {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean } | null>;
};
const service = (name: string): Service => {
  const found = compose.services[name];
  if (!found) throw new Error(`docker-compose.yml has no service "${name}"`);
  return found;
};
const example = new Set([...read('deploy/env.example').matchAll(/^(\w+)=/gm)].map(([, name]) => name));

describe('.dockerignore', () => {
  it('lets the guides into the image, which the server serves', () => {
    const lines = read('.dockerignore').split('\n');
    expect(lines.indexOf('!docs')).toBeGreaterThan(lines.indexOf('*'));
    expect(lines.filter((line) => /^docs\/guides|\.md$/.test(line))).toEqual([]);
  });
});

describe('docker-compose.yml', () => {
  it('keeps the database and Redis on a network that leads nowhere', () => {
    expect(compose.networks['private']).toEqual({ internal: true });
    for (const name of ['postgres', 'redis', 'migrate']) {
      expect(service(name).networks).toEqual(['private']);
      expect(service(name).ports).toBeUndefined();
    }
  });

  it('refuses to start without its secrets, and holds none', () => {
    const secrets = Object.values(compose.services)
      .flatMap((each) => Object.values(each.environment))
      .flatMap((value) => [...value.matchAll(/\$\{(\w*(?:PASSWORD|SECRET)\w*)([^}]*)\}/g)]);
    expect(secrets.length).toBeGreaterThan(0);
    expect(secrets.filter(([, , rest]) => !rest?.startsWith(':?')).map(([whole]) => whole)).toEqual([]);
    expect(text).not.toMatch(/PASSWORD: (?!\$|&)/);
    expect(text).not.toMatch(/:\/\/\w*:(?!\$\{)[^@/]+@/);
  });

  it('asks for nothing that the example of the environment does not name', () => {
    const required = [...text.matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name);
    expect(required.filter((name) => !example.has(name))).toEqual([]);
    expect([...read('deploy/env.example').matchAll(/^\w*(?:PASSWORD|SECRET)\w*=(.+)$/gm)]).toEqual([]);
  });

  it('lets the server log in as a role that owns nothing', () => {
    const owner = new URL(withoutVariables(service('migrate').environment['DATABASE_OWNER_URL']));
    const runtime = new URL(withoutVariables(service('server').environment['DATABASE_URL']));
    expect(owner.username).toBe('coucou_owner');
    expect(runtime.username).toBe('coucou');
    expect(service('server').environment).not.toHaveProperty('DATABASE_OWNER_URL');
    expect(JSON.stringify(service('server').environment)).not.toContain('OWNER_PASSWORD');
    expect(service('migrate').environment['DATABASE_URL']).toBe(service('server').environment['DATABASE_URL']);
  });

  it('migrates once, before the server starts', () => {
    expect(service('migrate').command).toEqual(['node', 'apps/server/src/cli/main.ts', 'migrate']);
    expect(service('migrate').restart).toBe('no');
    expect(service('migrate').depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
    expect(service('server').depends_on).toEqual({
      migrate: { condition: 'service_completed_successfully' },
      redis: { condition: 'service_healthy' },
    });
  });

  it('protects Redis with a password and never evicts a job', () => {
    const command = service('redis').command?.join(' ');
    expect(command).toContain('--requirepass');
    expect(command).toContain('--maxmemory-policy noeviction');
  });

  it.each(['postgres', 'redis', 'server'])('restarts %s, and gives it room for its connections', (name) => {
    expect(service(name).restart).toBe('unless-stopped');
    expect(service(name).ulimits?.nofile.soft).toBeGreaterThanOrEqual(65_536);
  });

  it.each(['postgres', 'redis'])('checks the health of %s', (name) => {
    expect(service(name).healthcheck?.test.length).toBeGreaterThan(0);
  });

  it.each(['server', 'migrate'])('runs %s with an init, and without the means to do harm', (name) => {
    expect(service(name)).toMatchObject({ build: '.', init: true, read_only: true, cap_drop: ['ALL'] });
  });

  it('is what Docker Compose understands', ({ skip }) => {
    if (spawnSync('docker', ['compose', 'version']).status !== 0) skip('the Docker Compose plugin is not on this machine');
    const values = Object.fromEntries([...example].map((name) => [name, 'x'.repeat(40)]));
    const output = execFileSync('docker', ['compose', 'config', '--format', 'json'], {
      cwd: repository,
      env: { ...process.env, ...values, PUBLISH: '127.0.0.1:3000' },
      encoding: 'utf8',
    });
    expect(Object.keys((JSON.parse(output) as typeof compose).services).toSorted()).toEqual(Object.keys(compose.services).toSorted());
  });
});

describe('the roles of the database', () => {
  const sql = read('deploy/postgres/10-roles.sql');

  it('have no password in the repository', () => {
    expect([...sql.matchAll(/PASSWORD ([^\s;]+)/g)].map(([, value]) => value)).toEqual([
      ":'owner_password'",
      ":'runtime_password'",
      ":'backup_password'",
    ]);
    for (const [, name = ''] of sql.matchAll(/\\getenv \w+ (\w+)/g)) expect(service('postgres').environment).toHaveProperty(name);
  });

  it('give the owner what the migrations need, the back-up what it reads, and the runtime login nothing', () => {
    expect(sql).toMatch(/CREATE ROLE coucou_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS/);
    expect(sql).toMatch(/CREATE ROLE coucou_owner LOGIN CREATEROLE NOSUPERUSER NOBYPASSRLS/);
    expect(sql).toMatch(/CREATE ROLE coucou LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS/);
    expect(sql).toMatch(/CREATE DATABASE coucou OWNER coucou_owner/);
  });
});

describe('Dockerfile', () => {
  const all = stages(read('Dockerfile'));
  const image = all.at(-1) ?? [];
  const last = (keyword: string): string | undefined => image.findLast((each) => each.keyword === keyword)?.value;

  it('installs what the lockfile says, and no tool for development', () => {
    const installs = all.flat().filter(({ keyword, value }) => keyword === 'RUN' && /\bpnpm (i|install|deploy)\b/.test(value));
    expect(installs.map(({ value }) => value)).toEqual([expect.stringMatching(/^pnpm install --prod --frozen-lockfile /)]);
  });

  it('runs on the Node of the product', () => {
    expect(all.map(([from]) => from?.value.split(' ')[0])).toEqual(['node:24-slim', 'node:24-slim']);
  });

  it('runs as nobody in particular', () => {
    expect(last('USER')).toBe('node');
  });

  it('listens to the outside, in production', () => {
    expect(environment(image)).toMatchObject({ NODE_ENV: 'production', HOST: '0.0.0.0', PORT: last('EXPOSE') });
  });

  it('asks the server whether it lives', () => {
    const check = image.find(({ keyword }) => keyword === 'HEALTHCHECK');
    expect(check && words(check).slice(0, 2)).toEqual(['node', '-e']);
    expect(check?.value).toContain('/health/live');
  });

  it('runs the server itself, so that it gets the signals', () => {
    const command = image.find(({ keyword }) => keyword === 'CMD');
    expect(command && words(command)).toEqual(['node', 'apps/server/src/main.ts']);
  });
});

function withoutVariables(value = ''): string {
  return value.replaceAll(/\$\{[^}]*\}/g, 'secret');
}

interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  concurrency: { group: string };
  jobs: Record<
    string,
    {
      'runs-on': string;
      'timeout-minutes': number;
      env?: Record<string, string>;
      steps: { uses?: string; with?: Record<string, unknown>; run?: string; if?: string }[];
    }
  >;
}

describe('the workflows', () => {
  const workflow = (name: string) => parse(read(`.github/workflows/${name}.yml`)) as Workflow;
  const names = readdirSync(resolve(repository, '.github/workflows')).map((file) => file.replace(/\.yml$/, ''));

  it.each(names)('%s may only read, ends by itself, and runs what is there', (name) => {
    const { permissions, concurrency, jobs } = workflow(name);
    expect(permissions).toEqual({ contents: 'read' });
    expect(concurrency.group).toContain('github.workflow');
    const known = new Set(Object.values(workflow('ci').jobs).flatMap(({ steps }) => steps.flatMap((step) => step.uses ?? [])));
    for (const job of Object.values(jobs)) {
      expect(job).toMatchObject({ 'runs-on': 'ubuntu-latest', 'timeout-minutes': expect.any(Number) });
      expect(job.steps.filter((step) => (step.run === undefined) === (step.uses === undefined))).toEqual([]);
      expect(job.steps.flatMap((step) => step.uses ?? []).filter((action) => !known.has(action))).toEqual([]);
      const paths = job.steps.flatMap((step) => step.run?.match(/(?<![\w/])(?:tests|\.ci)\/[\w./-]+/g) ?? []);
      expect(paths.filter((path) => !existsSync(resolve(repository, path)))).toEqual([]);
    }
  });

  it('nightly goes further than every push, each night, on the services that ci has', () => {
    const { on, jobs } = workflow('nightly');
    expect(on).toMatchObject({ schedule: [{ cron: expect.stringMatching(/^\d+ \d+ \* \* \*$/) }] });
    const setUp = workflow('ci').jobs['test']?.steps.filter((step) => step.uses !== undefined);
    const run: Record<string, string> = {
      NIGHTLY: 'tests/sync/state.test.ts',
      PLANS_SIZE: 'tests/storage/plans-seeded.test.ts',
      SIMULATED_REFRESHES: 'tests/auth/simulation.test.ts',
      REVOCATIONS: 'tests/nodes/revocations.test.ts',
      IDEMPOTENCY_KILLS: 'tests/nodes/idempotency.test.ts',
      JOBS: 'tests/faults/jobs.test.ts',
      SCHEDULES_LONG: 'tests/faults/month-of-schedules.test.ts',
      RECURRENCE_RUNS: 'tests/faults/recurrence.test.ts',
      SCHEDULES_SEED: 'tests/faults/month-of-schedules.test.ts',
      CHURN_CONNECTIONS: 'tests/realtime/churn.test.ts',
    };
    for (const { env = {}, steps } of Object.values(jobs)) {
      expect(steps.filter((step) => step.uses !== undefined)).toEqual(setUp);
      const commands = steps.map((step) => step.run ?? '').join('\n');
      // `pnpm faults` reports for itself.
      const summary = commands.includes('vitest') ? { run: 'node .ci/summary.mjs', if: 'always()' } : steps.at(-1);
      expect(steps.at(-1)).toEqual(summary);
      for (const name of Object.keys(env)) {
        expect(read(run[name] ?? '')).toContain(name);
        expect(commands.split(/\s/).some((word) => word.length > 0 && run[name]?.startsWith(word))).toBe(true);
      }
    }
    expect(Object.values(jobs).flatMap(({ env = {} }) => Object.keys(env))).toEqual(Object.keys(run));
  });
});
