import { defineErrors, errors } from '../kernel/errors.ts';
import type { AccountId, ConversationId, Instant, MessageId, ModerationRuleId, ReportId, UserId } from '../kernel/ids.ts';
import { addSeconds } from '../kernel/time.ts';
import type { User } from '../users/user.ts';

export const reportErrors = defineErrors('REPORT', {
  NOT_FOUND: ['not_found', 'There is no such report.'],
  DECIDED: ['conflict', 'This report has been decided already.'],
});

/** Evidence, copied into the report: it survives later edits and deletions. Plain JSON. */
export type Snapshot = Readonly<Record<string, unknown>>;

export type ReportSubject =
  | Readonly<{ kind: 'message'; messageId: MessageId; conversationId: ConversationId; seq: number; userId: UserId; snapshot: Snapshot }>
  | Readonly<{ kind: 'user'; userId: UserId; snapshot: Snapshot }>;

export type ReportState = 'open' | 'assigned' | 'decided';

/** What a moderator does about a report. */
export const decisions = ['dismiss', 'delete', 'warn', 'mute', 'suspend'] as const;
export type Decision = (typeof decisions)[number];

export type Decided = Readonly<{
  decision: Decision;
  /** For moderators. */
  note: string | undefined;
  /** Undefined: a server of the account, or the operator. */
  byId: UserId | undefined;
  at: Instant;
  mutedUntil: Instant | undefined;
}>;

export type Report = Readonly<{
  accountId: AccountId;
  id: ReportId;
  /** Undefined: a rule made it. */
  reporterId: UserId | undefined;
  ruleId: ModerationRuleId | undefined;
  subject: ReportSubject;
  reason: string;
  createdAt: Instant;
  assigneeId: UserId | undefined;
  decided: Decided | undefined;
}>;

const undecided = { assigneeId: undefined, decided: undefined } as const;

type NewReport = Pick<Report, 'accountId' | 'id' | 'subject' | 'reason'> & Readonly<{ reporterId: UserId; now: Instant }>;

function file({ now, ...report }: NewReport): Report {
  if (report.subject.userId === report.reporterId)
    throw errors.VALIDATION_FAILED([{ path: [`${report.subject.kind}Id`], rule: 'self', message: 'You cannot report yourself.' }]);
  return { ...report, ...undecided, ruleId: undefined, createdAt: now };
}

type NewRuleReport = Pick<Report, 'accountId' | 'id' | 'subject' | 'reason'> & Readonly<{ ruleId: ModerationRuleId; now: Instant }>;

const byRule = ({ now, ...report }: NewRuleReport): Report => ({ ...report, ...undecided, reporterId: undefined, createdAt: now });

const ofUser = (user: User): ReportSubject => ({
  kind: 'user',
  userId: user.id,
  snapshot: { username: user.username, displayName: user.displayName, avatarUrl: user.avatarUrl, bio: user.bio, custom: user.custom },
});

const stateOf = ({ decided, assigneeId }: Pick<Report, 'decided' | 'assigneeId'>): ReportState =>
  decided !== undefined ? 'decided' : assigneeId === undefined ? 'open' : 'assigned';

/** Throws `REPORT_DECIDED`, and `FORBIDDEN` for the one whom the report is about: nobody judges themself. */
function requireJudge({ decided, subject }: Report, judge: UserId | undefined): void {
  if (decided !== undefined) throw reportErrors.DECIDED({ decision: decided.decision, decidedAt: decided.at.toISOString() });
  if (judge === subject.userId) throw errors.FORBIDDEN({ reason: 'the report is about this person' });
}

/** Undefined: nobody works on it. */
function assign(report: Report, assigneeId: UserId | undefined): Report {
  requireJudge(report, assigneeId);
  return { ...report, assigneeId };
}

export type Judgement = Readonly<{ decision: Decision; note?: string | undefined; muteSeconds?: number | undefined }>;

/** Decides a report, once. Throws `VALIDATION_FAILED` for a judgement that does not fit it. */
function decide(report: Report, { decision, note, muteSeconds }: Judgement, byId: UserId | undefined, now: Instant): Report {
  requireJudge(report, byId);
  if (decision === 'delete' && report.subject.kind !== 'message')
    throw errors.VALIDATION_FAILED([{ path: ['decision'], rule: 'subject', message: 'This report is about a person, not a message.' }]);
  if ((decision === 'mute') !== (muteSeconds !== undefined))
    throw errors.VALIDATION_FAILED([
      { path: ['muteSeconds'], rule: 'decision', message: 'goes with the decision mute, and with no other.' },
    ]);
  const mutedUntil = muteSeconds === undefined ? undefined : addSeconds(now, muteSeconds);
  return { ...report, decided: { decision, note, byId, at: now, mutedUntil } };
}

export const Report = { file, byRule, ofUser, stateOf, requireJudge, assign, decide };
