import type { Instant, MessageId, ModerationRuleId, ReportId, UserId } from '../kernel/ids.ts';
import type { ModerationRule } from './moderation-rule.ts';
import type { Report, ReportState, ReportSubject } from './report.ts';
import type { User } from '../users/user.ts';
import type { WordRule } from './word-list.ts';

type ReportedMessage = Extract<ReportSubject, { kind: 'message' }>;

export interface ReportRepository {
  /** The reportable content of a message; undefined when the reporter cannot see it. */
  findMessage(viewer: UserId, message: MessageId): Promise<ReportedMessage | undefined>;
  /** The same for a rule, which sees every message; undefined when it is deleted or was never stored. */
  findStored(message: MessageId): Promise<ReportedMessage | undefined>;
  /** False when it is there already: the same person reported the same, or a report of the same rule about the same person is undecided. */
  add(report: Report): Promise<boolean>;
  /** What this person reported of this subject. */
  lookup(reporter: UserId, subject: ReportSubject): Promise<Report | undefined>;
  /** How many people reported this person since then, or this message of theirs. */
  countReporters(about: Readonly<{ userId: UserId; messageId?: MessageId }>, since: Instant): Promise<number>;
}

export type ReportFilter = Readonly<{ state?: ReportState | undefined; assigneeId?: UserId | undefined; userId?: UserId | undefined }>;

/** The reports as moderators work on them. */
export interface ReportQueue {
  /** The newest first. A cursor of another list throws `CURSOR_INVALID`. */
  list(
    filter: ReportFilter,
    page: Readonly<{ limit: number; cursor?: string | undefined }>,
  ): Promise<Readonly<{ items: readonly Report[]; nextCursor: string | undefined }>>;
  find(id: ReportId): Promise<Report | undefined>;
  /** Until the unit of work ends, nobody else changes this report. */
  lock(id: ReportId): Promise<Report | undefined>;
  /** Stores who works on it, and what was decided. */
  put(report: Report): Promise<void>;
}

export interface ModerationRuleRepository {
  /** In the order in which they were made. */
  list(): Promise<ModerationRule[]>;
  /** The same, and until the unit of work ends no other one adds or changes rules of the account. */
  lock(): Promise<ModerationRule[]>;
  put(rule: ModerationRule): Promise<void>;
  /** False when there is none. */
  remove(id: ModerationRuleId): Promise<boolean>;
}

export interface WordRuleRepository {
  /** All of them, by word. */
  list(): Promise<WordRule[]>;
  /** By word. A cursor of another list throws `CURSOR_INVALID`. */
  page(
    page: Readonly<{ limit: number; cursor?: string | undefined }>,
  ): Promise<Readonly<{ items: readonly WordRule[]; nextCursor: string | undefined }>>;
  /** How many there are. Until the unit of work ends, no other one adds words to the account. */
  lockCount(): Promise<number>;
  put(rule: WordRule): Promise<void>;
  /** False when it was not listed. */
  remove(word: string): Promise<boolean>;
}

export interface SuspensionRepository {
  /** Since when this person is suspended. */
  since(userId: UserId): Promise<Instant | undefined>;
  /** The same with the end of a mute, which may be past; undefined for nobody. */
  restrictions(userId: UserId): Promise<Readonly<{ suspendedAt: Instant | undefined; mutedUntil: Instant | undefined }> | undefined>;
  findByUsername(username: string): Promise<User | undefined>;
  /** By the clock of the database, which other nodes ask for the newest. One who is suspended already stays so since then. */
  set(userId: UserId, suspended: boolean): Promise<void>;
  /** Undefined lifts a mute. */
  mute(userId: UserId, until: Instant | undefined): Promise<void>;
  /** As a rule does: members and guests who are not muted now. False when nothing changed. */
  muteUnlessMuted(userId: UserId, until: Instant, now: Instant): Promise<boolean>;
}
