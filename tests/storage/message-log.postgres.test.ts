import { afterAll, beforeAll, describe } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { openPostgres } from './engines.ts';
import { messageLogSuite } from './message-log.suite.ts';

describe('the log of messages on PostgreSQL', () => {
  let database: Database;
  beforeAll(async () => {
    database = await createDatabase();
  });
  afterAll(() => database.drop());

  messageLogSuite(async () => openPostgres(database));
});
