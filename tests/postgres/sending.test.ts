import { afterAll } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { sendingSuite } from '../use-cases/messages/sending.suite.ts';
import { openHouse } from '../use-cases/support.ts';

let database: Database | undefined;
sendingSuite(async () => {
  database = await createDatabase();
  return openHouse({ url: database.url });
});
afterAll(() => database?.drop());
