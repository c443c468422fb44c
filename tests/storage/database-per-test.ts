import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { createDatabase } from '../support/database.ts';
import type { Database } from '../support/template.ts';
import { type EnginePools, openPostgres } from './engines.ts';

/** A migrated PostgreSQL database for each test of a file, and a folder for all of them; read its members within a test. */
export function useDatabasePerTest() {
  let folder: string;
  let database: Database;
  let engine: EnginePools;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'coucou-schema-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const open = (opened: Database) => {
    database = opened;
    engine = openPostgres(opened);
  };
  const close = async () => {
    await engine.close();
    await database.drop();
  };
  beforeEach(async () => open(await createDatabase()));
  afterEach(close);
  return {
    get folder() {
      return folder;
    },
    get database() {
      return database;
    },
    get engine() {
      return engine;
    },
    /** Takes another database in its place. */
    async replace(other: Database): Promise<void> {
      await close();
      open(other);
    },
    /** One statement, as the owner of the schema. */
    ask: async <R>(text: string, params: readonly unknown[] = []): Promise<R[]> =>
      (await engine.owner.use((session) => session.query<R>(text, params))).rows,
  };
}
