import { conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { type HistoryRequest, MessageReader, type Place } from './message-reader.ts';

type WirePlace = number | string | undefined;
export type ListMessages = Readonly<{
  conversationId: ConversationId;
  limit: number;
  before?: WirePlace;
  after?: WirePlace;
  around?: WirePlace;
}>;

const place = (value: number | string): Place => (typeof value === 'number' ? value : new Date(value));

function historyRequest({ limit, before, after, around }: ListMessages): HistoryRequest {
  if (after !== undefined) return { limit, after: place(after) };
  if (around !== undefined) return { limit, around: place(around) };
  return before === undefined ? { limit } : { limit, before: place(before) };
}

export const listMessages = useCase({
  name: 'messages.list',
  deps: { reader: MessageReader },
  async run({ reader }, input: ListMessages, { account, actor }) {
    const page = await reader.history(account, actor.userId, input.conversationId, historyRequest(input));
    if (page === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
    return page;
  },
});
