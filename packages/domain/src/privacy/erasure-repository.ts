import type { Attachment } from '../attachments/attachment.ts';
import type { Member } from '../conversations/conversation.ts';
import type { FriendRequest } from '../friends/friend-request.ts';
import type { ConversationId, Instant, UserId } from '../kernel/ids.ts';
import type { User } from '../users/user.ts';
import type { Erasure } from './erasure.ts';

export interface ErasureRepository {
  /** False when this person is being erased already. */
  add(erasure: Erasure): Promise<boolean>;
  findOf(person: UserId): Promise<Erasure | undefined>;
  /**
   * Takes a lease of so many seconds, by the clock of the database (that of jobs), on an erasure that is due or is being retried; undefined if it is
   * neither, or another worker's lease is still valid.
   */
  claim(person: UserId, seconds: number): Promise<Erasure | undefined>;
  /** When an erasure that cannot be claimed now becomes claimable; undefined if it is done or was never requested. */
  claimableAt(person: UserId): Promise<Instant | undefined>;
  /** Saves progress. `seconds`: length of the renewed lease; undefined releases the lease. */
  update(erasure: Erasure, seconds: number | undefined): Promise<void>;
}

/** What is somebody's and goes with them. Whatever takes a limit answers at most so many, and nothing once there is no more. */
export interface PersonRepository {
  /**
   * Takes from the person who they are and what they sign in by, for good. Answers them as others see them from then on; undefined for who
   * is not there or was deleted before.
   */
  anonymise(person: UserId): Promise<User | undefined>;
  /** Also when they are deleted. */
  lookup(person: UserId): Promise<User | undefined>;
  conversations(person: UserId, limit: number): Promise<ConversationId[]>;
  /** Who takes over from them: the highest role, and of these who has been there longest. */
  heir(conversation: ConversationId, person: UserId): Promise<Member | undefined>;
  assignments(person: UserId, limit: number): Promise<ConversationId[]>;
  friends(person: UserId, limit: number): Promise<UserId[]>;
  pendingRequests(person: UserId, limit: number): Promise<FriendRequest[]>;
}

/** Rows of a person that go without anybody being told; each answers how many went. */
export interface PersonalRowRepository {
  /** The places that are erased in this stage, in order. */
  places(stage: Erasure['stage']): readonly string[];
  erase(place: string, person: UserId, limit: number): Promise<number>;
  /** What they wrote where nobody is left who could read it. */
  eraseUnreadable(person: UserId, limit: number): Promise<number>;
  /** Uploads that no message uses: the rows go, and their files are the caller's to remove. */
  removeUnusedFiles(person: UserId, limit: number): Promise<Attachment[]>;
}
