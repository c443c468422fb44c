import type { Instant, MessageId, UserId } from '../kernel/ids.ts';
import type { Report, ReportSubject } from './report.ts';
import type { User } from '../users/user.ts';
import type { WordRule } from './word-list.ts';

export interface ReportRepository {
  /** The reportable content of a message; undefined when the reporter cannot see it. */
  findMessage(viewer: UserId, message: MessageId): Promise<Extract<ReportSubject, { kind: 'message' }> | undefined>;
  /** False when the same person reported the same thing before; nothing is written then. */
  add(report: Report): Promise<boolean>;
  /** What this person reported of this subject. */
  lookup(reporter: UserId, subject: ReportSubject): Promise<Report | undefined>;
}

export interface WordRuleRepository {
  list(): Promise<WordRule[]>;
  put(rule: WordRule): Promise<void>;
  /** False when it was not listed. */
  remove(word: string): Promise<boolean>;
}

export interface SuspensionRepository {
  /** Since when this person is suspended. */
  since(userId: UserId): Promise<Instant | undefined>;
  findByUsername(username: string): Promise<User | undefined>;
  /** By the clock of the database, which other nodes ask for the newest. One who is suspended already stays so since then. */
  set(userId: UserId, suspended: boolean): Promise<void>;
}
