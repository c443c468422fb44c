import type { Instant, MessageId, ModerationRuleId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { event, holdIds } from '../kernel/event.ts';

/** For how long a message may be on its way into the database after it was screened. */
const STORED_WITHIN_SECONDS = 10;

/** A rule has something to say about a message that is about to be stored. It is reported once it is there. */
export const messageFlagged = event<{ messageId: MessageId; ruleId: ModerationRuleId; reason: string; at: Instant }>()({
  type: 'moderation.flagged',
  tells: [],
  audience: () => [],
  fact: ({ messageId, ruleId, reason }) => ({ messageId, ruleId, reason }),
  reads: (fact) => holdIds(fact, 'messageId', 'ruleId'),
  dueAt: ({ at }) => addSeconds(at, STORED_WITHIN_SECONDS),
});
