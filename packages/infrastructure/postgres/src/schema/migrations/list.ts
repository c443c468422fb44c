import type { Migration } from 'kysely/migration';
import { up as foundation } from './0001-foundation.ts';
import { up as people } from './0003-people.ts';
import { up as messageChildren } from './0004-message-children.ts';
import { up as append } from './0005-append.ts';
import { up as peopleSearch } from './0006-people-search.ts';
import { up as moderationOfGroups } from './0007-moderation-of-groups.ts';
import { up as threadsDraftsReceipts } from './0008-threads-drafts-receipts.ts';
import { up as search } from './0009-search.ts';
import { up as moderationNotifications } from './0010-moderation-notifications.ts';
import { up as keysBeforeStatistics } from './0011-keys-before-statistics.ts';
import { up as searchByBlocks } from './0012-search-by-blocks.ts';
import { up as receiptsByTheBatch } from './0013-receipts-by-the-batch.ts';
import { up as membersByKey } from './0014-members-by-key.ts';
import { up as decisionsOutliveOthers } from './0015-decisions-outlive-others.ts';
import { up as feedsAreTrimmed } from './0016-feeds-are-trimmed.ts';

/** In order, forward-only: expand, then contract. A name, once released, never changes. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-foundation': { up: foundation },
  '0003-people': { up: people },
  '0004-message-children': { up: messageChildren },
  '0005-append': { up: append },
  '0006-people-search': { up: peopleSearch },
  '0007-moderation-of-groups': { up: moderationOfGroups },
  '0008-threads-drafts-receipts': { up: threadsDraftsReceipts },
  '0009-search': { up: search },
  '0010-moderation-notifications': { up: moderationNotifications },
  '0011-keys-before-statistics': { up: keysBeforeStatistics },
  '0012-search-by-blocks': { up: searchByBlocks },
  '0013-receipts-by-the-batch': { up: receiptsByTheBatch },
  '0014-members-by-key': { up: membersByKey },
  '0015-decisions-outlive-others': { up: decisionsOutliveOthers },
  '0016-feeds-are-trimmed': { up: feedsAreTrimmed },
};
