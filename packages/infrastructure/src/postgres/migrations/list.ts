import type { Migration } from 'kysely/migration';
import * as m0001 from './0001-foundation.ts';
import * as m0003 from './0003-people.ts';
import * as m0004 from './0004-message-children.ts';
import * as m0005 from './0005-append.ts';
import * as m0006 from './0006-people-search.ts';
import * as m0007 from './0007-moderation-of-groups.ts';
import * as m0008 from './0008-threads-drafts-receipts.ts';
import * as m0009 from './0009-search.ts';

/** In order, forward-only: expand, then contract. A name, once released, never changes. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-foundation': m0001,
  '0003-people': m0003,
  '0004-message-children': m0004,
  '0005-append': m0005,
  '0006-people-search': m0006,
  '0007-moderation-of-groups': m0007,
  '0008-threads-drafts-receipts': m0008,
  '0009-search': m0009,
};
