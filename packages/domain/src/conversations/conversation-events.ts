import type { UserId } from '../kernel/ids.ts';
import type { User } from '../users/user.ts';
import type { Conversation, LeaveReason, Member } from './conversation.ts';

export type ConversationEvent =
  /** `users` are those of a direct conversation; a group's people are told only who they are themselves. */
  | Readonly<{ type: 'conversation.created'; conversation: Conversation; members: readonly Member[]; users: readonly User[] }>
  /** `conversation` is as after the whole change; `member.version` is this joining's own. */
  /** `by` is who brought them in; absent, they came by themselves. */
  | Readonly<{ type: 'member.joined'; conversation: Conversation; member: Member; user: User; by?: UserId }>
  | Readonly<{ type: 'member.left'; conversation: Conversation; member: Member; reason: LeaveReason }>
  /** `triaged`: its place in the inbox changed, which those who watch the account's inbox are told. */
  | Readonly<{ type: 'conversation.updated'; conversation: Conversation; triaged?: boolean }>
  /** `userIds` are those who were members until now. */
  | Readonly<{ type: 'conversation.deleted'; conversation: Conversation; userIds: readonly UserId[] }>
  /** A role or the moderator's mute changed. */
  | Readonly<{ type: 'member.updated'; conversation: Conversation; member: Member }>;
