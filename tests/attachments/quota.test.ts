import { afterAll } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { quotaSuite } from './quota.suite.ts';

quotaSuite('the embedded database', async () => ({}));

const databases: Database[] = [];
quotaSuite('PostgreSQL', async () => {
  const database = await createDatabase();
  databases.push(database);
  return { database };
});
afterAll(async () => {
  for (const database of databases) await database.drop();
});
