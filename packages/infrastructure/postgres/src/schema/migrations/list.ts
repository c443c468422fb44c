import type { Migration } from '../schema-set.ts';
import { up as accounts } from './0001-accounts.ts';
import { up as users } from './0002-users.ts';
import { up as auth } from './0003-auth.ts';
import { up as conversations } from './0004-conversations.ts';
import { up as messages } from './0005-messages.ts';
import { up as threadsAndDrafts } from './0006-threads-and-drafts.ts';
import { up as attachments } from './0007-attachments.ts';
import { up as friendsAndBlocks } from './0008-friends-and-blocks.ts';
import { up as moderation } from './0009-moderation.ts';
import { up as notifications } from './0010-notifications.ts';
import { up as messageSearch } from './0011-message-search.ts';
import { up as outbox } from './0012-outbox.ts';
import { up as sessions } from './0013-sessions.ts';
import { up as secondFactor } from './0014-second-factor.ts';
import { up as identities } from './0015-identities.ts';
import { up as administration } from './0016-administration.ts';
import { up as mailFlows } from './0017-mail-flows.ts';
import { up as erasure } from './0018-erasure.ts';
import { up as boundSessions } from './0019-bound-sessions.ts';
import { up as externalIssuers } from './0020-external-issuers.ts';
import { up as sessionExpiry } from './0021-session-expiry.ts';
import { up as idempotency } from './0022-idempotency.ts';
import { up as outboxWorkers } from './0023-outbox-workers.ts';
import { up as jobs } from './0024-jobs.ts';
import { up as deadLetters } from './0025-dead-letters.ts';
import { up as clock } from './0026-clock.ts';
import { up as scheduledMessages } from './0027-scheduled-messages.ts';
import { up as auditLog } from './0028-audit-log.ts';
import { up as activityLogs } from './0029-activity-logs.ts';
import { up as mail } from './0030-mail.ts';
import { up as mailSuppressions } from './0030-mail-suppressions.ts';
import { up as auditChain } from './0032-audit-chain.ts';
import { up as accountLimits } from './0033-account-limits.ts';
import { up as schedules } from './0035-schedules.ts';
import { up as jobKeys } from './0036-job-keys.ts';
import { up as scheduledFailures } from './0036-scheduled-failures.ts';
import { up as sealLag } from './0040-seal-lag.ts';
import { up as conversationHeads } from './0041-conversation-heads.ts';
import { up as memberEras } from './0042-member-eras.ts';
import { up as nodeRedis } from './0043-node-redis.ts';
import { up as joinedVersions } from './0044-joined-versions.ts';
import { up as memberIndexes } from './0045-member-indexes.ts';
import { up as notificationKinds } from './0046-notification-kinds.ts';
import { up as moderationQueue } from './0047-moderation-queue.ts';
import { up as trimming } from './0050-trimming.ts';
import { up as nodeVersions } from './0051-node-versions.ts';

/**
 * In order, forward-only: expand, then contract. A step that takes away what older nodes use says which version no longer does (`needs`). A
 * name, once released, never changes. A table or an index says in its comment who reads it:
 * a reader by the name of its statement, a function, a use-case.
 *
 * Every key of a tenant's table starts with `account_id`. Most secondary indexes are partial, on a condition that always holds: a column
 * being there. Only a query that compares this column can use such an index. All begin with the account, so before the first statistics the
 * planner takes two indexes for equally good once each leaves it "one row", and would look a row up by a part of its key: it would read a
 * whole conversation, or all people of an account, where one row is meant. An index whose condition the lookup does not imply is no candidate.
 */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-accounts': { up: accounts },
  '0002-users': { up: users },
  '0003-auth': { up: auth },
  '0004-conversations': { up: conversations },
  '0005-messages': { up: messages },
  '0006-threads-and-drafts': { up: threadsAndDrafts },
  '0007-attachments': { up: attachments },
  '0008-friends-and-blocks': { up: friendsAndBlocks },
  '0009-moderation': { up: moderation },
  '0010-notifications': { up: notifications },
  '0011-message-search': { up: messageSearch },
  '0012-outbox': { up: outbox },
  '0013-sessions': { up: sessions },
  '0014-second-factor': { up: secondFactor },
  '0015-identities': { up: identities },
  '0016-administration': { up: administration },
  '0017-mail-flows': { up: mailFlows },
  '0018-erasure': { up: erasure },
  '0019-bound-sessions': { up: boundSessions },
  '0020-external-issuers': { up: externalIssuers },
  '0021-session-expiry': { up: sessionExpiry },
  '0022-idempotency': { up: idempotency },
  '0023-outbox-workers': { up: outboxWorkers },
  '0024-jobs': { up: jobs },
  '0025-dead-letters': { up: deadLetters },
  '0026-clock': { up: clock },
  '0027-scheduled-messages': { up: scheduledMessages },
  '0028-audit-log': { up: auditLog },
  '0029-activity-logs': { up: activityLogs },
  '0030-mail': { up: mail },
  '0030-mail-suppressions': { up: mailSuppressions },
  '0032-audit-chain': { up: auditChain },
  '0033-account-limits': { up: accountLimits },
  '0035-schedules': { up: schedules },
  '0036-job-keys': { up: jobKeys },
  '0036-scheduled-failures': { up: scheduledFailures },
  '0040-seal-lag': { up: sealLag },
  '0041-conversation-heads': { up: conversationHeads },
  '0042-member-eras': { up: memberEras },
  '0043-node-redis': { up: nodeRedis },
  '0044-joined-versions': { up: joinedVersions },
  '0045-member-indexes': { up: memberIndexes },
  '0046-notification-kinds': { up: notificationKinds },
  '0047-moderation-queue': { up: moderationQueue },
  '0050-trimming': { up: trimming },
  '0051-node-versions': { up: nodeVersions },
};
