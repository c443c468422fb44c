import { inject } from 'vitest';
import './global-setup.ts';
import { cloneDatabase, type Database, type Databases } from './template.ts';

/** A migrated database for one test file; `empty` for tests of the migrations. Drop it in `afterAll`. */
export function createDatabase(options: { empty?: boolean } = {}): Promise<Database> {
  return cloneDatabase(inject('databases'), options);
}

/** Whether this run has PostgreSQL: the project `fast` has none. */
export const hasPostgres = (): boolean => (inject('databases') as Databases | undefined) !== undefined;

/** The database at this URL, as a superuser. */
export function asAdmin(url: string): string {
  const admin = new URL(inject('databases').adminUrl);
  admin.pathname = new URL(url).pathname;
  return admin.href;
}

/** The Redis that all test files share: rooms and keys carry the account, and every file has accounts of its own. */
export function redisUrl(): string {
  return inject('redisUrl');
}
