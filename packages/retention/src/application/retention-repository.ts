import type { Page, PageRequest } from '@coucou/application/conversations/conversation-reader';
import { token } from '@coucou/application/kernel/token';
import type { AccountId, ConversationId, Instant, MessageId, UserId } from '@coucou/domain/kernel/ids';
import type { Withdrawn } from '@coucou/domain/notifications/notification-repository';
import type { Archive, ArchiveId, Hold, Retention, RetentionPolicy } from '../domain/retention.ts';

/** Decisions of an account: with `conversation` of that one, without it of the account itself. */
export interface RetentionRepository {
  lookup(account: AccountId, conversation?: ConversationId): Promise<Retention>;
  /** The same, locked until the unit of work ends: neither a hold nor a policy comes in between. */
  lock(account: AccountId, conversation?: ConversationId): Promise<Retention>;
  putPolicy(account: AccountId, conversation: ConversationId | undefined, policy: RetentionPolicy | undefined): Promise<void>;
  putHold(account: AccountId, conversation: ConversationId | undefined, hold: Hold | undefined): Promise<void>;
}
export const Retentions = token<RetentionRepository>('Retentions');

/** A conversation as retention finds it. */
export type TrimPlan = Readonly<{
  firstSeq: number;
  version: number;
  /** Messages up to this seq are to be trimmed, by the policy that holds here; less than `firstSeq` where there are none. */
  target: number;
  archive: boolean;
  held: boolean;
  /** Deleted conversations have no members. */
  deleted: boolean;
  /** Whether messages that were trimmed are still stored. */
  leftovers: boolean;
}>;

/** A member who has not read up to where messages are trimmed, or marked messages unread from before. */
export type Laggard = Readonly<{ userId: UserId; readSeq: number; unreadFromSeq: number | undefined }>;

export type Removed = Readonly<{
  messages: number;
  withdrawn: readonly Withdrawn[];
  /** Those that showed a message part. */
  withParts: readonly MessageId[];
  /** Nothing that was trimmed is stored any more, but for roots of threads with replies that are kept, which are empty. */
  isDone: boolean;
}>;

/** What retention does with conversations; `now` decides how old messages are. */
export interface TrimRepository {
  plan(conversation: ConversationId, now: Instant): Promise<TrimPlan | undefined>;
  /** Of the conversations after this one by id those with something to do, among the next `scan` of them; `last`: where to go on, undefined at the end. */
  due(
    after: ConversationId | undefined,
    now: Instant,
    scan: number,
  ): Promise<Readonly<{ due: readonly ConversationId[]; last: ConversationId | undefined }>>;
  /** As JSON objects, one for each message, by seq: after one seq and up to another, at most `limit`. */
  lines(
    conversation: ConversationId,
    after: number,
    upTo: number,
    limit: number,
  ): Promise<readonly Readonly<{ seq: number; line: string }>[]>;
  /** Whether a message up to this seq changed after this version. */
  isChanged(conversation: ConversationId, version: number, upTo: number): Promise<boolean>;
  laggards(conversation: ConversationId, upTo: number, limit: number): Promise<readonly Laggard[]>;
  /** The first kept seq of a deleted conversation, which takes no versions any more. */
  moveFloor(conversation: ConversationId, firstSeq: number): Promise<void>;
  /** Deletes stored messages below the first kept seq, and what belongs to them. */
  remove(account: AccountId, conversation: ConversationId, limit: number): Promise<Removed>;
}
export const Trims = token<TrimRepository>('Trims');

/** What would be trimmed. `files`: attachments that no message would use any more, with their sizes in bytes. */
export type Figures = Readonly<{ conversations: number; messages: number; files: number; fileBytes: number; held: number }>;

export type FiguresAsked = Readonly<{
  /** Absent: of all. */
  conversation: ConversationId | undefined;
  /** Takes the place of the account's policy, or of that of the conversation asked about; undefined: what is stored. */
  policy: Omit<RetentionPolicy, 'archive'> | undefined;
  now: Instant;
}>;

export interface RetentionReader {
  /** Of the next `scan` conversations after one; `last`: where to go on. */
  figures(
    account: AccountId,
    asked: FiguresAsked,
    after: ConversationId | undefined,
    scan: number,
  ): Promise<Figures & Readonly<{ last: ConversationId | undefined }>>;
}
export const RetentionReader = token<RetentionReader>('RetentionReader');

/** Archives of the unit of work's account. One is `pending` until its messages are trimmed. */
export interface ArchiveRepository {
  add(archive: Archive): Promise<void>;
  /** Its file is written: how much is in it. */
  update(archive: Archive): Promise<void>;
  /** Their messages are trimmed by this unit of work. */
  complete(ids: readonly ArchiveId[]): Promise<void>;
  pendingOf(conversation: ConversationId): Promise<readonly Archive[]>;
  /** The newest first. A cursor of another list throws `CURSOR_INVALID`. */
  list(conversation: ConversationId | undefined, page: PageRequest): Promise<Page<Archive>>;
  /** Complete ones. */
  lookup(id: ArchiveId): Promise<Archive | undefined>;
  remove(ids: readonly ArchiveId[]): Promise<void>;
}
export const RetentionArchives = token<ArchiveRepository>('RetentionArchives');

/** Work in the background that leaves the database to those who wait for it. */
export interface Pacing {
  /** Runs the work, and resolves some time after it, in proportion to how long it took. */
  paced<T>(work: () => Promise<T>): Promise<T>;
}
export const Pacing = token<Pacing>('Pacing');
