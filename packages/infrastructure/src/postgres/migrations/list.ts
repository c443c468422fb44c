import type { Migration } from 'kysely/migration';
import { up as foundation } from './0001-foundation.ts';
import { up as append } from './0002-append.ts';

/** In order, forward-only: expand, then contract. A name, once released, never changes. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-foundation': { up: foundation },
  '0002-append': { up: append },
};
