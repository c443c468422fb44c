import { describe, expect, it } from 'vitest';
import { loadConfig } from '../config.ts';

const postgres = { DATABASE_URL: 'postgres://coucou:hunter2@db:5432/coucou' };

describe('several nodes on one database', () => {
  it('are for PostgreSQL with Redis', () => {
    const redis = { REDIS_URL: 'redis://cache' };
    expect(loadConfig({ ...postgres, ...redis })).toMatchObject({ multiNode: true, warnings: [] });
    for (const env of [postgres, redis, {}]) expect(loadConfig(env).multiNode).toBe(false);
  });
});

describe('a standby', () => {
  const standby = (url: string) => loadConfig({ ...postgres, DATABASE_READ_URL: url });

  it('is read from with the login of the server', () => {
    expect(loadConfig(postgres)).toMatchObject({ database: { readUrl: undefined } });
    const url = 'postgres://coucou:hunter2@standby:5433/coucou';
    expect(standby(url)).toMatchObject({ database: { readUrl: url }, warnings: [] });
    for (const other of ['postgres://owner:hunter2@standby/coucou', 'postgres://coucou:hunter2@standby/other'])
      expect(() => standby(other)).toThrow('DATABASE_READ_URL names another user or database than DATABASE_URL');
  });

  it('needs PostgreSQL', () => {
    const { warnings } = loadConfig({ DATABASE_READ_URL: postgres.DATABASE_URL });
    expect(warnings).toEqual(['DATABASE_READ_URL has no effect without DATABASE_URL']);
  });
});

describe('the URL of Redis', () => {
  it.each([
    'redis://cache',
    'redis://cache:6379/0',
    'rediss://user:pa%25ss@cache.example.com:6380',
    'redis://:password@[::1]:6379/15',
    'redis+cluster://cache-1',
    'redis+cluster://user:pa%25ss@cache-1:7000,cache-2:7001,10.0.0.3',
    'rediss+cluster://:password@[::1]:7000,[::2]:7000',
    'redis+sentinel://sentinel-1:26379,sentinel-2/main',
    'rediss+sentinel://:password@sentinel-1/main-1',
  ])('may be %s', (url) => expect(loadConfig({ REDIS_URL: url })).toMatchObject({ redisUrl: url, warnings: [] }));

  it.each([
    'redis://cache:6379?enableOfflineQueue=true',
    'redis://cache/main',
    'redis://:100%@cache',
    'redis://a:1,b:2',
    'redis://cache:70000',
    'redis://:password@',
    'redis+cluster://cache:6379/1',
    'redis+cluster://a,,b',
    'redis+cluster://a,user:password@b',
    'redis+sentinel://cache:26379',
    'redis+sentinel://cache:26379/main/0',
    'redis+other://cache',
    'http://cache',
  ])('is not %s', (url) =>
    expect(() => loadConfig({ REDIS_URL: url })).toThrow(/REDIS_URL must be a redis:\/\/ URL of one server, redis\+cluster/),
  );
});
