import { errors } from '@coucou/domain/kernel/errors';
import type { MessageId, UserId } from '@coucou/domain/kernel/ids';
import { messageErrors } from '@coucou/domain/messages/message';
import { moderationActions } from '@coucou/domain/moderation/audit-actions';
import type { ReportRepository } from '@coucou/domain/moderation/moderation-repositories';
import { Report, type ReportSubject } from '@coucou/domain/moderation/report';
import type { RelationRepository } from '@coucou/domain/users/relation-repository';
import { Relations } from '@coucou/domain/users/relations';
import { userErrors } from '@coucou/domain/users/user';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork, type Writing } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { Reports } from './repositories.ts';

export type CreateReport = Readonly<{ messageId?: MessageId | undefined; userId?: UserId | undefined; reason: string }>;

/** The reported content is stored as it is now. Reporting the same subject again answers the first report. */
export const createReport = useCase({
  name: 'reports.create',
  deps: { uow: unitOfWork({ reports: Reports, users: Users, relations: UserRelations, auditLog: AuditLog }), ...auditPorts },
  run: ({ uow, ...ports }, input: CreateReport, call) =>
    uow.write(call.account, async (tx): Promise<Readonly<{ report: Report; existing: boolean }>> => {
      const { account, actor } = call;
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
        const details = { kind: input.messageId === undefined ? 'user' : 'message' };
        await recordAudit(ports, tx, call, moderationActions.report_made, { target: report.id, details });
        return { report, existing: false };
      }
      const earlier = await tx.reports.lookup(actor.userId, subject);
      if (earlier === undefined) throw errors.CONFLICT();
      return { report: earlier, existing: true };
    }),
});

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
