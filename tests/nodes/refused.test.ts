import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, redisUrl } from '../support/database.ts';
import { startTestApp } from '../support/listening-app.ts';
import type { Database } from '../support/template.ts';

/** A node with Redis beside one without, which would not hear of what the other announces. */

const databases: Database[] = [];
beforeAll(async () => {
  databases.push(await createDatabase(), await createDatabase());
});
afterAll(async () => {
  for (const database of databases) await database.drop();
});

it.each([
  ['without Redis is refused beside one with it', true, /^another server uses this database, .+ set the same REDIS_URL on all of them/],
  ['with Redis is refused beside one without it', false, /^a server without REDIS_URL uses this database, .+ or stop it first$/],
])('a node %s', { concurrent: true }, async (_case, isFirstWith, line) => {
  const database = databases[isFirstWith ? 0 : 1];
  const start = (withRedis: boolean) => startTestApp({ database, redisUrl: withRedis ? redisUrl() : undefined });
  const first = await start(isFirstWith);
  try {
    await expect(start(!isFirstWith)).rejects.toThrow(line);
    const same = isFirstWith ? await start(true) : undefined;
    await same?.close();
  } finally {
    await first.close();
  }
});
