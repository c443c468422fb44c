import { operation } from '@coucou/contracts/kernel/operation';
import { id, line, page, pageInput, time } from '@coucou/contracts/kernel/types';
import { Message } from '@coucou/contracts/messages/message';
import { z } from 'zod';
import { pollLimits } from '../domain/limits.ts';
import { OwnPoll } from './poll.ts';

const { min, max } = pollLimits.options;
const pollId = id('poll');
const optionId = z.string().min(1).max(16);

const options = z
  .array(line({ min: 1, max: pollLimits.option }))
  .min(min)
  .max(max)
  .refine((texts) => new Set(texts.map((text) => text.trim())).size === texts.length, { error: 'names an option twice' })
  .meta({ description: 'all different; they get ids in their order', examples: [['The café', 'The park']] });

export const createPoll = operation({
  name: 'polls.create',
  summary: 'Post a message that shows a poll. A resend with the same clientMessageId answers the message as stored.',
  http: { method: 'POST', path: '/conversations/:conversationId/polls', status: 201, existing: 200 },
  socket: 'polls.create',
  access: 'user',
  input: z.strictObject({
    conversationId: id('conversation'),
    clientMessageId: z.uuid().toLowerCase().optional().meta({ description: 'made by the client; makes a resend harmless' }),
    question: line({ min: 1, max: pollLimits.question }).meta({
      description: 'also the content of the message',
      examples: ['Where do we go?'],
    }),
    options,
    multiple: z.boolean().default(false).meta({ description: 'whether one may choose several options' }),
    anonymous: z.boolean().default(false).meta({ description: 'whether nobody can see who voted for what' }),
    closesAt: time.optional().meta({
      description: 'in the future, at most a year ahead; absent: it is closed by a person',
      examples: ['2027-01-15T09:30:00.000Z'],
    }),
  }),
  output: Message,
  errors: ['CONVERSATION_NOT_FOUND', 'POSTING_NOT_ALLOWED', 'USER_SUSPENDED', 'CLIENT_MESSAGE_ID_CONFLICT', 'SLOW_MODE'],
});

export const votePoll = operation({
  name: 'polls.vote',
  summary: "Vote, or change one's vote: what is chosen takes the place of what was, and nothing chosen withdraws it.",
  http: { method: 'PUT', path: '/polls/:pollId/vote', status: 200 },
  socket: 'polls.vote',
  access: 'user',
  input: z.strictObject({
    pollId,
    optionIds: z
      .array(optionId)
      .max(max)
      .meta({ examples: [['1']] }),
  }),
  output: OwnPoll,
  errors: ['POLL_NOT_FOUND', 'POLL_CLOSED', 'POLL_CHOICE_INVALID', 'FORBIDDEN', 'POSTING_NOT_ALLOWED', 'USER_SUSPENDED'],
});

export const closePoll = operation({
  name: 'polls.close',
  summary: 'Close a poll: it takes no more votes. Closing it again changes nothing.',
  http: { method: 'POST', path: '/polls/:pollId/close', status: 200 },
  socket: 'polls.close',
  access: 'user',
  input: z.strictObject({ pollId }),
  output: OwnPoll,
  errors: ['POLL_NOT_FOUND', 'FORBIDDEN', 'POSTING_NOT_ALLOWED', 'USER_SUSPENDED'],
});

export const getPoll = operation({
  name: 'polls.get',
  summary: "A poll as it is now, with one's own choice.",
  http: { method: 'GET', path: '/polls/:pollId', status: 200 },
  socket: 'polls.get',
  access: 'user',
  input: z.strictObject({ pollId }),
  output: OwnPoll,
  errors: ['POLL_NOT_FOUND'],
});

export const listVoters = operation({
  name: 'polls.voters',
  summary: 'Who voted for an option, people who left since included; of an anonymous poll nobody can see it.',
  http: { method: 'GET', path: '/polls/:pollId/voters', status: 200 },
  socket: 'polls.voters',
  access: 'user',
  input: z.strictObject({ pollId, optionId: optionId.meta({ examples: ['1'] }), ...pageInput }),
  output: page(z.object({ userId: id('user') })),
  errors: ['POLL_NOT_FOUND', 'POLL_ANONYMOUS', 'POLL_CHOICE_INVALID', 'CURSOR_INVALID'],
});
