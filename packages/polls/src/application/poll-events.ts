import { event } from '@coucou/application/kernel/event';
import type { Instant } from '@coucou/domain/kernel/ids';
import type { Poll } from '../domain/poll.ts';

const fact = ({ poll: { conversationId, id } }: Readonly<{ poll: Poll }>) => ({ conversationId, pollId: id });

/** Its subscribers run when the poll is due to close. Without an audience: clients see the change of the message. */
export const pollDue = event<{ poll: Poll }>()({
  type: 'poll.due',
  tells: [],
  audience: () => [],
  fact,
  dueAt: ({ poll }) => poll.closesAt,
});

/** A poll was stored whose message is to be posted next; by `checkAt` it was, or never will be. */
export const pollPrepared = event<{ poll: Poll; checkAt: Instant }>()({
  type: 'poll.prepared',
  tells: [],
  audience: () => [],
  fact,
  dueAt: ({ checkAt }) => checkAt,
});
