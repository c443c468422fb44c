import type { ConversationId, Instant, UserId } from '../kernel/ids.ts';
import type { Admission, Conversation, Departure, Member } from './conversation.ts';
import type { MemberChange } from './group.ts';

/** Conversations of the unit of work's account; a deleted one is not there. Locks are taken in one order everywhere: conversations by id, then members, then users. */
export interface ConversationRepository {
  lookup(id: ConversationId): Promise<Conversation | undefined>;
  /** Locked until the unit of work ends; every change to a conversation or its members begins here. */
  lock(id: ConversationId): Promise<Conversation | undefined>;
  lookupDirect(a: UserId, b: UserId): Promise<Conversation | undefined>;
  /** Inserts the conversation and its first members. False when the pair has a direct conversation by now; nothing is written then. */
  add(admission: Admission): Promise<boolean>;
  /** Membership rows of these users, including ended ones. */
  members(id: ConversationId, userIds: readonly UserId[]): Promise<Member[]>;
  countOwners(id: ConversationId): Promise<number>;
  /** How many groups somebody owns, up to `most`. */
  countOwned(userId: UserId, most: number): Promise<number>;
  /** Writes the conversation's counters and the rows of those who joined (again). */
  admit(admission: Admission): Promise<void>;
  depart(departure: Departure): Promise<void>;
  /** Writes the conversation's own fields. */
  update(conversation: Conversation): Promise<void>;
  /** Writes that messages were trimmed: from where on they are kept. The messages are deleted elsewhere; nobody sees them from here on. */
  trim(conversation: Conversation): Promise<void>;
  /** Writes roles and mutes of present members, and the conversation's counters. */
  updateMembers(change: MemberChange): Promise<void>;
  /** Counts a change of access that is no change of the conversation: a block. The conversation is locked. */
  raiseAccess(id: ConversationId): Promise<void>;
  /** Ends the conversation and every membership of it; answers whose. */
  close(conversation: Conversation, at: Instant): Promise<UserId[]>;
}
