import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { BlockList } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { environment, stages, words } from './dockerfile.ts';

const repository = resolve(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(resolve(repository, path), 'utf8');

interface Service {
  image: string;
  build?: string;
  command?: string[];
  environment?: Record<string, string | number>;
  env_file?: (string | { path: string; required: boolean })[];
  secrets?: string[];
  profiles?: string[];
  deploy?: { replicas: number };
  networks: string[] | Record<string, { aliases?: string[] }>;
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }> | string[];
  healthcheck?: { test?: string[]; disable?: boolean };
  ulimits?: { nofile: { soft: number; hard: number } };
  logging?: { options: Record<string, string> };
  init?: boolean;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  stop_grace_period?: string;
  restart: string;
}

const text = read('docker-compose.yml');
const compose = parse(text, { merge: true }) as {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean } | null>;
  secrets: Record<string, { file: string }>;
  volumes: Record<string, null>;
};
const service = (name: string): Service => {
  const found = compose.services[name];
  if (!found) throw new Error(`docker-compose.yml has no service "${name}"`);
  return found;
};
const networksOf = (name: string): string[] => {
  const { networks } = service(name);
  return (Array.isArray(networks) ? networks : Object.keys(networks)).toSorted();
};
const names = Object.keys(compose.services);
const example = new Set([...read('deploy/env.example').matchAll(/^#?(\w+)=/gm)].map(([, name]) => name));

describe('.dockerignore', () => {
  it('lets the guides into the image, which the server serves', () => {
    const lines = read('.dockerignore').split('\n');
    expect(lines.indexOf('!docs')).toBeGreaterThan(lines.indexOf('*'));
    expect(lines.filter((line) => /^docs\/guides|\.md$/.test(line))).toEqual([]);
  });
});

describe('docker-compose.yml', () => {
  it('follows the schema of the Compose specification', () => {
    // The linter brings the schema; its draft of JSON Schema is named by an address that the validator does not know.
    const { $schema: _, ...schema } = JSON.parse(
      readFileSync(join(createRequire(import.meta.url).resolve('dclint/package.json'), '../schemas/compose.schema.json'), 'utf8'),
    );
    const isValid = new Ajv({ strict: false, formats: { duration: true } }).compile(schema);
    // Fields that begin with x- are for the file's own anchors.
    const resolved = JSON.parse(JSON.stringify(compose)) as Record<string, unknown>;
    expect([isValid(resolved), isValid.errors]).toEqual([true, null]);
    expect(isValid({ services: { server: { image: 'a', volumess: [] } } })).toBe(false);
  });

  it('starts two servers behind the proxy, and the rest by profiles', () => {
    expect(names.filter((name) => service(name).profiles === undefined)).toEqual(['proxy', 'server', 'migrate', 'postgres', 'redis']);
    expect(service('server').deploy).toEqual({ replicas: 2 });
    expect(new Set(names.flatMap((name) => service(name).profiles ?? []))).toEqual(new Set(['mail', 'files', 'monitoring', 'logs']));
  });

  it('keeps what holds data on a network that leads nowhere, and publishes the proxy alone, and tools to this machine', () => {
    expect(compose.networks['front']).toMatchObject({ internal: true });
    const only = { postgres: 'private', redis: 'private', migrate: 'private', s3: 'store', loki: 'monitoring', collector: 'monitoring' };
    for (const [name, network] of Object.entries(only)) {
      expect([networksOf(name), service(name).ports]).toEqual([[network], undefined]);
      expect(compose.networks[network]).toMatchObject({ internal: true });
    }
    expect(service('server').ports).toBeUndefined();
    const published = names.flatMap((name) => service(name).ports ?? []);
    expect(published.filter((port) => !/^\$\{PUBLISH\w*:-127\.0\.0\.1:\d+\}:\d+$/.test(port))).toEqual([]);
  });

  it('believes the proxy alone who a client is, at an address that no other container gets', () => {
    expect(service('server').environment?.['TRUST_PROXY']).toBe(networkOf('proxy', 'front').ipv4_address);
    const { subnet, ip_range } = (compose.networks['front'] as { ipam: { config: [Record<string, string>] } }).ipam.config[0];
    const [address = '', net = '', range = ''] = [networkOf('proxy', 'front').ipv4_address, subnet, ip_range].map(
      (value) => /:-([\d./]+)\}/.exec(value ?? '')?.[1],
    );
    const list = (cidr: string) => {
      const [base = '', prefix] = cidr.split('/');
      const block = new BlockList();
      block.addSubnet(base, Number(prefix));
      return block;
    };
    expect([list(net).check(address), list(range).check(address)]).toEqual([true, false]);
    // On two common networks it would be left to chance which address the name of the servers has, and from which the proxy comes.
    expect(networksOf('server').filter((name) => networksOf('proxy').includes(name))).toEqual(['front']);
  });

  it('holds no secrets, gives each service those it needs as files, and the owner to the migration alone', () => {
    expect(text).not.toMatch(/:\/\/\w*:[^@/\s]+@/);
    const given = JSON.stringify(Object.values(compose.services).map((each) => each.environment));
    expect(given).not.toMatch(/"\w*(PASSWORD|SECRET|_KEY|_URL)\w*(?<!_FILE|__FILE|PUBLIC_URL|READABLE_SECRETS)":/);
    const used = names.flatMap((name) => (service(name).secrets ?? []).map((secret) => ({ name, secret })));
    expect(new Set(used.map(({ secret }) => secret))).toEqual(new Set(Object.keys(compose.secrets)));
    for (const name of names)
      for (const [, file] of JSON.stringify([service(name).environment, service(name).command]).matchAll(/\/run\/secrets\/(\w+)/g))
        expect(service(name).secrets).toContain(file);
    const holders = (pattern: RegExp) => used.filter(({ secret }) => pattern.test(secret)).map(({ name }) => name);
    expect(new Set(holders(/owner|postgres|backup/))).toEqual(new Set(['migrate', 'postgres']));
    expect(service('server').secrets).not.toContain('database_owner_url');
  });

  it('mounts what is there', () => {
    const made = /^\.\/deploy\/certificates$/;
    const sources = names
      .flatMap((name) => service(name).volumes ?? [])
      .map((volume) => volume.replace(/\$\{\w+:-([^}]*)\}/, '$1').split(':')[0] ?? '');
    const wanted = sources.filter((each) => each.startsWith('./') && !made.test(each));
    expect(wanted.filter((each) => !existsSync(resolve(repository, each)))).toEqual([]);
    expect(sources.filter((source) => /^\w/.test(source)).toSorted()).toEqual(Object.keys(compose.volumes).toSorted());
    for (const { file } of Object.values(compose.secrets))
      expect(read('deploy/init')).toContain(` ${file.replace('deploy/secrets/', '')} `);
  });

  it('asks for nothing that the example of the environment does not name', () => {
    const asked = [...text.matchAll(/\$\{(\w+):/g)].map(([, name]) => name ?? '');
    const optional = /^(PUBLISH_\w+|COUCOU_IMAGE|DOCKER_LOGS)$/;
    expect(asked.filter((name) => !example.has(name) && !optional.test(name))).toEqual([]);
    expect([...read('deploy/env.example').matchAll(/^\w*(?:PASSWORD|SECRET)\w*=(.+)$/gm)]).toEqual([]);
  });

  it('migrates once, before the servers start, and they before the proxy', () => {
    expect(service('migrate').command).toEqual(['node', 'apps/server/src/cli/main.ts', 'migrate']);
    expect(service('migrate').restart).toBe('no');
    expect(service('migrate').depends_on).toEqual({ postgres: { condition: 'service_healthy' } });
    expect(service('server').depends_on).toEqual({
      migrate: { condition: 'service_completed_successfully' },
      redis: { condition: 'service_healthy' },
    });
    expect(service('proxy').depends_on).toEqual({ server: { condition: 'service_healthy' } });
  });

  it('protects Redis with a password and never evicts a job', () => {
    const command = service('redis').command?.join(' ');
    expect(command).toContain('requirepass $$(cat /run/secrets/redis_password)');
    expect(command).toContain('maxmemory-policy noeviction');
  });

  it.each(names)('pins the version of %s, restarts it, and bounds its log and what it may do', (name) => {
    const { image, build, restart, ulimits, logging, security_opt } = service(name);
    expect(build === undefined ? image : 'own:1.0').toMatch(/:v?\d+\.\d+(\.\d+)?(-alpine)?$/);
    expect(restart).toBe(name === 'migrate' ? 'no' : 'unless-stopped');
    expect(ulimits?.nofile.soft).toBeGreaterThanOrEqual(65_536);
    expect(logging?.options).toMatchObject({ 'max-size': '50m', labels: 'com.docker.compose.service' });
    expect(security_opt).toEqual(['no-new-privileges:true']);
  });

  // The entrypoints of these two begin as root and give it up.
  it.each(names.filter((name) => !['postgres', 'redis'].includes(name)))('runs %s read-only, and without the means to do harm', (name) => {
    expect(service(name)).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
  });

  it.each(['proxy', 'postgres', 'redis'])('checks the health of %s', (name) => {
    expect(service(name).healthcheck?.test?.length).toBeGreaterThan(0);
  });

  it('gives a server more time to end than it takes to drain', () => {
    expect(Number.parseInt(service('server').stop_grace_period ?? '', 10)).toBeGreaterThan(20);
    expect(service('server').init).toBe(true);
  });

  it('is what Docker Compose understands', ({ skip }) => {
    if (spawnSync('docker', ['compose', 'version']).status !== 0) skip('the Docker Compose plugin is not on this machine');
    const output = execFileSync('docker', ['compose', '--profile', '*', 'config', '--no-env-resolution', '--format', 'json'], {
      cwd: repository,
      env: { ...process.env, PUBLIC_URL: 'http://localhost:3000' },
      encoding: 'utf8',
    });
    expect(Object.keys((JSON.parse(output) as typeof compose).services).toSorted()).toEqual(names.toSorted());
  });
});

describe('deploy/server.env.example', () => {
  it('names settings of the server, with what the composition has', () => {
    const known = new Set([...read('.env.example').matchAll(/^#(\w+)=/gm)].map(([, name]) => name));
    const given = Object.fromEntries(
      [...read('deploy/server.env.example').matchAll(/^#?([A-Z]\w+)=(.*)$/gm)].map(([, name, value]) => [name ?? '', value ?? '']),
    );
    expect(Object.keys(given).filter((name) => !known.has(name.replace(/_FILE$/, '')))).toEqual([]);
    for (const [, secret] of Object.values(given).flatMap((value) => [...value.matchAll(/^\/run\/secrets\/(\w+)$/g)]))
      expect(service('server').secrets).toContain(secret);
    expect(read('deploy/garage/garage.toml')).toContain(`s3_region = "${given['S3_REGION']}"`);
    expect(service('s3').environment).toMatchObject({ GARAGE_DEFAULT_BUCKET: given['S3_BUCKET'] });
    expect(networkOf('proxy', 'front').aliases).toEqual([`\${FILES_HOST:-${new URL(given['S3_ENDPOINT'] ?? '').hostname}}`]);
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
    const SECRETS = mkdtempSync(join(tmpdir(), 'coucou-secrets-'));
    for (const role of ['owner', 'runtime', 'backup']) writeFileSync(join(SECRETS, `${role}_password`), `of the ${role}\n`);
    // As the entrypoint of the image sources it, before it runs psql.
    const exported = execFileSync('sh', ['-c', '. deploy/postgres/00-passwords.sh; env'], {
      cwd: repository,
      env: { SECRETS, PATH: process.env['PATH'] },
      encoding: 'utf8',
    });
    rmSync(SECRETS, { recursive: true });
    for (const [, name = ''] of sql.matchAll(/\\getenv \w+ (\w+)/g)) expect(exported).toMatch(new RegExp(`^${name}=of the `, 'm'));
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

function networkOf(name: string, network: string): { aliases?: string[]; ipv4_address?: string } {
  const { networks } = service(name);
  return Array.isArray(networks) ? {} : (networks[network] ?? {});
}
