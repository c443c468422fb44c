import { Conversations } from '@coucou/application/conversations/repositories';
import { Messages } from '@coucou/application/messages/repositories';
import type { Ports } from '@coucou/application/kernel/token';
import { Users } from '@coucou/application/users/repositories';
import type { Conversation, Member } from '@coucou/domain/conversations/conversation';
import type { MessageId, UserId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import type { User } from '@coucou/domain/users/user';
import type { Delivery } from '../domain/delivery.ts';

/** How clients know these things: the fields that are the same for every viewer. */
export type Presenters = Readonly<{
  message: (message: Message) => object;
  conversation: (conversation: Conversation) => object;
  member: (member: Member, user: User | undefined) => object;
  user: (user: User) => object;
}>;

export const presented = { conversations: Conversations, messages: Messages, users: Users };
type Reading = Ports<typeof presented>;

/** What the ids of an event stand for now; nothing where it is gone. */
async function statesOf(tx: Reading, present: Presenters, { event, conversationId, data }: Delivery): Promise<object> {
  const userId = data['userId'] as UserId;
  if (event === 'user.updated') {
    const user = await tx.users.lookup(userId);
    return user === undefined ? {} : { user: present.user(user) };
  }
  const conversation = conversationId && (await tx.conversations.lookup(conversationId));
  if (conversation === undefined) return {};
  switch (event) {
    case 'message.created':
    case 'message.updated': {
      const found = await tx.messages.lookup(conversation, data['messageId'] as MessageId);
      return found === undefined ? {} : { message: present.message(found.message) };
    }
    case 'conversation.created':
    case 'conversation.updated':
      return { conversation: present.conversation(conversation) };
    case 'member.joined':
    case 'member.updated': {
      const [member] = await tx.conversations.members(conversation.id, [userId]);
      return member === undefined ? {} : { member: present.member(member, await tx.users.lookup(userId)) };
    }
    default:
      return {};
  }
}

/** The body of a request: the ids of what happened, with what they stand for when it is sent. */
export async function presentEvent(tx: Reading, present: Presenters, delivery: Delivery): Promise<string> {
  const { event, conversationId, version, data, createdAt } = delivery;
  const states = await statesOf(tx, present, delivery);
  return JSON.stringify({ type: event, timestamp: createdAt.toISOString(), data: { conversationId, version, ...data, ...states } });
}
