import { type ConversationSettings, conversationErrors, type Member } from '../conversations/conversation.ts';
import { type ConversationType, may } from '../conversations/permissions.ts';
import { defineErrors, errors } from '../kernel/errors.ts';
import type { AccountId, ConversationId, Instant, MessageId, UserId } from '../kernel/ids.ts';
import { isPast } from '../kernel/time.ts';

export const messageErrors = defineErrors('', {
  MESSAGE_NOT_FOUND: ['not_found', 'There is no such message.'],
  POSTING_NOT_ALLOWED: ['forbidden', 'You may not post in this conversation now.'],
  CLIENT_MESSAGE_ID_CONFLICT: ['invalid', 'This clientMessageId was used for another message; make a new one.'],
});

export type MessageType = 'text' | 'image' | 'file' | 'system' | 'custom';

export type Message = Readonly<{
  accountId: AccountId;
  conversationId: ConversationId;
  seq: number;
  id: MessageId;
  version: number;
  senderId: UserId;
  clientMessageId: string;
  type: MessageType;
  content: string | undefined;
  data: Readonly<Record<string, unknown>> | undefined;
  createdAt: Instant;
  editedAt: Instant | undefined;
  deletedAt: Instant | undefined;
}>;

/** What a person sends, as checked by the schema. */
export type MessageContent = Readonly<{
  type: MessageType;
  content: string | undefined;
  data: Readonly<Record<string, unknown>> | undefined;
}>;

/** What a posting decision rests on; `accessVersion` proves to the append that it still holds. */
export type PostingSnapshot = Readonly<{
  type: ConversationType;
  settings: ConversationSettings;
  accessVersion: number;
  member: Pick<Member, 'role' | 'leftAt' | 'postingMutedUntil'> | undefined;
}>;

/** A decided message that has no place in the order yet. */
export type MessageDraft = MessageContent &
  Readonly<{
    accountId: AccountId;
    conversationId: ConversationId;
    id: MessageId;
    senderId: UserId;
    clientMessageId: string;
    accessVersion: number;
    /** Whether it counts as unread for the others: not a system message, not a thread reply. */
    countable: boolean;
  }>;

function requireContent({ type, content, data }: MessageContent): void {
  if (type === 'custom' ? data === undefined : content === undefined || content.trim() === '')
    throw errors.VALIDATION_FAILED([
      { path: [type === 'custom' ? 'data' : 'content'], rule: 'required', message: `A ${type} message needs it.` },
    ]);
}

export type NewMessage = MessageContent &
  Readonly<{ accountId: AccountId; conversationId: ConversationId; id: MessageId; senderId: UserId; clientMessageId: string }>;

/** Decides whether this person may post this here, now. Throws `CONVERSATION_NOT_FOUND` to those who are no members. */
function post(snapshot: PostingSnapshot | undefined, message: NewMessage, now: Instant): MessageDraft {
  const { member } = snapshot ?? {};
  if (snapshot === undefined || member === undefined || member.leftAt !== undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
  if (!may(snapshot.type, member.role, 'post')) throw messageErrors.POSTING_NOT_ALLOWED({ reason: 'role' });
  if (member.postingMutedUntil !== undefined && !isPast(member.postingMutedUntil, now))
    throw messageErrors.POSTING_NOT_ALLOWED({ reason: 'muted', until: member.postingMutedUntil.toISOString() });
  requireContent(message);
  return { ...message, accessVersion: snapshot.accessVersion, countable: message.type !== 'system' };
}

export const Message = { post };
