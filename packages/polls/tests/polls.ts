import type { Payload } from '../../../tests/support/event-log.ts';
import type { Caller } from '../../../tests/support/test-app.ts';

export const createPoll = (from: Caller, conversation: { id: string }, more: Record<string, unknown> = {}): Promise<Payload> =>
  from.call('polls.create', { conversationId: conversation.id, question: 'Where do we go?', options: ['The café', 'The park'], ...more });

export const vote = (from: Caller, poll: { id: string }, ...optionIds: string[]): Promise<Payload> =>
  from.call('polls.vote', { pollId: poll.id, optionIds });

export const close = (from: Caller, poll: { id: string }): Promise<Payload> => from.call('polls.close', { pollId: poll.id });
export const get = (from: Caller, poll: { id: string }): Promise<Payload> => from.call('polls.get', { pollId: poll.id });

export const counts = ({ poll }: Payload): number[] => poll.options.map(({ votes }: Payload) => votes);
