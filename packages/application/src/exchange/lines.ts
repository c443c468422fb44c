import type { ConversationSettings, Visibility } from '@coucou/domain/conversations/conversation';
import type { MemberRole } from '@coucou/domain/conversations/permissions';
import type { MessageType } from '@coucou/domain/messages/message';
import type { AccountRole } from '@coucou/domain/users/user';

/**
 * What the lines of an export say (contracts/exchange/lines.ts holds their schemas). Every id is the source's own; times are RFC 3339 in UTC.
 */
export type UserLine = Readonly<{
  type: 'user';
  id: string;
  username: string;
  displayName?: string | undefined;
  email?: string | undefined;
  emailVerified: boolean;
  externalId?: string | undefined;
  role: AccountRole;
  avatarUrl?: string | undefined;
  bio?: string | undefined;
  custom?: Readonly<Record<string, unknown>> | undefined;
  passwordHash?: string | undefined;
  createdAt?: string | undefined;
  suspended: boolean;
}>;

export type DirectLine = Readonly<{
  type: 'conversation';
  kind: 'direct';
  id: string;
  people: readonly [string, string];
  createdAt: string;
}>;

export type GroupLine = Readonly<{
  type: 'conversation';
  kind: 'group';
  id: string;
  title: string;
  description?: string | undefined;
  visibility: Visibility;
  avatarUrl?: string | undefined;
  custom?: Readonly<Record<string, unknown>> | undefined;
  settings?: { readonly [Key in keyof ConversationSettings]?: ConversationSettings[Key] | undefined } | undefined;
  createdBy: string;
  createdAt: string;
}>;

export type MemberLine = Readonly<{
  type: 'member';
  conversation: string;
  user: string;
  role: MemberRole;
  joinedAt?: string | undefined;
}>;

export type AttachmentLine = Readonly<{ type: 'attachment'; id: string; owner: string; name: string; file: string }>;

export type MessageLine = Readonly<{
  type: 'message';
  id: string;
  conversation: string;
  author: string;
  createdAt: string;
  kind: MessageType;
  text?: string | undefined;
  data?: Readonly<Record<string, unknown>> | undefined;
  replyTo?: string | undefined;
  thread?: string | undefined;
  mentions: readonly string[];
  mentionAll: boolean;
  attachments: readonly string[];
  forwarded: boolean;
  editedAt?: string | undefined;
  deletedAt?: string | undefined;
  pinnedAt?: string | undefined;
  pinnedBy?: string | undefined;
}>;

export type ReactionLine = Readonly<{
  type: 'reaction';
  conversation: string;
  message: string;
  user: string;
  emoji: string;
  createdAt?: string | undefined;
}>;

export type ReceiptLine = Readonly<{ type: 'receipt'; conversation: string; user: string; read: string | null }>;

export type ExchangeLine = UserLine | DirectLine | GroupLine | MemberLine | AttachmentLine | MessageLine | ReactionLine | ReceiptLine;
