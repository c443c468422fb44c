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

describe('the URL of Redis', () => {
  it.each(['redis://cache', 'redis://cache:6379/0', 'rediss://user:pa%25ss@cache.example.com:6380', 'redis://:password@[::1]:6379/15'])(
    'may be %s',
    (url) => expect(loadConfig({ REDIS_URL: url })).toMatchObject({ redisUrl: url, warnings: [] }),
  );

  it.each([
    'redis+cluster://cache:6379',
    'redis+sentinel://cache:26379/main',
    'redis://cache:6379?enableOfflineQueue=true',
    'redis://cache/main',
    'redis://:100%@cache',
    'redis://a:1,b:2',
    'http://cache',
  ])('is not %s', (url) =>
    expect(() => loadConfig({ REDIS_URL: url })).toThrow(/REDIS_URL must be a redis:\/\/ or rediss:\/\/ URL of one server/),
  );
});
