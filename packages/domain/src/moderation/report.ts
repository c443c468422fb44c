import { errors } from '../kernel/errors.ts';
import type { AccountId, ConversationId, Instant, MessageId, ReportId, UserId } from '../kernel/ids.ts';
import type { User } from '../users/user.ts';

/** Evidence, copied into the report: it survives later edits and deletions. Plain JSON. */
export type Snapshot = Readonly<Record<string, unknown>>;

export type ReportSubject =
  | Readonly<{ kind: 'message'; messageId: MessageId; conversationId: ConversationId; seq: number; userId: UserId; snapshot: Snapshot }>
  | Readonly<{ kind: 'user'; userId: UserId; snapshot: Snapshot }>;

export type Report = Readonly<{
  accountId: AccountId;
  id: ReportId;
  reporterId: UserId;
  subject: ReportSubject;
  reason: string;
  createdAt: Instant;
}>;

type NewReport = Omit<Report, 'createdAt'> & Readonly<{ now: Instant }>;

function file({ now, ...report }: NewReport): Report {
  if (report.subject.userId === report.reporterId)
    throw errors.VALIDATION_FAILED([{ path: [`${report.subject.kind}Id`], rule: 'self', message: 'You cannot report yourself.' }]);
  return { ...report, createdAt: now };
}

const ofUser = (user: User): ReportSubject => ({
  kind: 'user',
  userId: user.id,
  snapshot: { username: user.username, displayName: user.displayName, avatarUrl: user.avatarUrl, bio: user.bio, custom: user.custom },
});

export const Report = { file, ofUser };
