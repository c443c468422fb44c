import { errors } from '@coucou/domain/kernel/errors';
import type { MessageId, UserId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { messageErrors } from '@coucou/domain/messages/message';
import { moderationActions } from '@coucou/domain/moderation/audit-actions';
import type { ReportRepository } from '@coucou/domain/moderation/moderation-repositories';
import { ModerationRule } from '@coucou/domain/moderation/moderation-rule';
import { Report, type ReportSubject } from '@coucou/domain/moderation/report';
import type { RelationRepository } from '@coucou/domain/users/relation-repository';
import { Relations } from '@coucou/domain/users/relations';
import { userErrors } from '@coucou/domain/users/user';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { Notifications } from '../notifications/repositories.ts';
import { unitOfWork, type Writing } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { muteByRule } from './mute-person.ts';
import { reportByRule } from './report-by-rule.ts';
import { Reports, Suspensions } from './repositories.ts';
import { Screenings } from './screening.ts';

export type CreateReport = Readonly<{ messageId?: MessageId | undefined; userId?: UserId | undefined; reason: string }>;

const repositories = {
  reports: Reports,
  users: Users,
  relations: UserRelations,
  suspensions: Suspensions,
  notifications: Notifications,
  auditLog: AuditLog,
};
const deps = { uow: unitOfWork(repositories), screenings: Screenings, ...auditPorts };

/** The reported content is stored as it is now. Reporting the same subject again answers the first report. */
export const createReport = useCase({
  name: 'reports.create',
  deps,
  async run({ uow, screenings, ...ports }, input: CreateReport, call): Promise<Readonly<{ report: Report; existing: boolean }>> {
    const { account, actor } = call;
    const { rules } = await screenings.of(account);
    return uow.write(account, async (tx) => {
      const subject = await seen(tx, actor.userId, input);
      const now = ports.clock.now();
      const report = Report.file({
        accountId: account,
        id: ports.ids.next(),
        reporterId: actor.userId,
        subject,
        reason: input.reason,
        now,
      });
      if (await tx.reports.add(report)) {
        const details = { kind: subject.kind };
        await recordAudit(ports, tx, call, moderationActions.report_made, { target: report.id, details });
        await applyRules(ports, tx, report, rules);
        return { report, existing: false };
      }
      const earlier = await tx.reports.lookup(actor.userId, subject);
      if (earlier === undefined) throw errors.CONFLICT();
      return { report: earlier, existing: true };
    });
  },
});

type ReportingTx = Parameters<Parameters<Ports<typeof deps>['uow']['write']>[1]>[0];

/** What the rules of the account do about so many reports. */
async function applyRules(
  ports: Ports<typeof auditPorts>,
  tx: ReportingTx,
  report: Report,
  rules: readonly ModerationRule[],
): Promise<void> {
  const counting = rules.filter(({ kind, about }) => kind === 'reports' && (about === 'person' || report.subject.kind === 'message'));
  if (counting.length === 0) return;
  const { accountId: account, subject, createdAt } = report;
  // Of reports that come together each counts those before it.
  await tx.users.lock([subject.userId]);
  for (const rule of counting) {
    const about = rule.about === 'message' && subject.kind === 'message' ? { messageId: subject.messageId } : {};
    const since = addSeconds(createdAt, -(rule.windowSeconds ?? 0));
    if ((await tx.reports.countReporters({ userId: subject.userId, ...about }, since)) < rule.threshold) continue;
    if (rule.action === 'mute') await muteByRule(ports, tx, account, subject.userId, rule);
    else await reportByRule(ports, tx, account, subject, { ruleId: rule.id, reason: ModerationRule.reasonOf(rule) });
  }
}

/** Users can report only what they can see. */
async function seen(
  tx: Writing<{ reports: ReportRepository; users: UserRepository; relations: RelationRepository }>,
  reporter: UserId,
  { messageId, userId }: CreateReport,
): Promise<ReportSubject> {
  if (messageId !== undefined) {
    const message = await tx.reports.findMessage(reporter, messageId);
    if (message === undefined) throw messageErrors.MESSAGE_NOT_FOUND();
    return message;
  }
  const user = userId && (await tx.users.lookup(userId));
  if (user === undefined) throw userErrors.USER_NOT_FOUND();
  if (user.id !== reporter)
    Relations.requireAllowed('profile', (await tx.relations.standings(reporter, [user.id])).get(user.id) ?? Relations.strangers);
  return Report.ofUser(user);
}
