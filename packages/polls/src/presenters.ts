import type { Page } from '@coucou/application/conversations/conversation-reader';
import type { UserId } from '@coucou/domain/kernel/ids';
import type { z } from 'zod';
import type { PollView } from './application/open-poll.ts';
import type { listVoters } from './contracts/operations.ts';
import type { OwnPoll } from './contracts/poll.ts';
import { Poll } from './domain/poll.ts';

export const presentOwnPoll = ({ poll, choice, message }: PollView): z.infer<typeof OwnPoll> => ({
  messageId: message.id,
  conversationId: message.conversationId,
  version: message.version,
  poll: Poll.shown(poll),
  choice: [...choice],
});

export const presentVoters = ({ items, nextCursor }: Page<UserId>): z.infer<NonNullable<(typeof listVoters)['output']>> => ({
  items: items.map((userId) => ({ userId })),
  nextCursor: nextCursor ?? null,
});
