import type { ReportId, UserId } from '@coucou/domain/kernel/ids';
import { moderationActions } from '@coucou/domain/moderation/audit-actions';
import type { ReportFilter } from '@coucou/domain/moderation/moderation-repositories';
import { Report, reportErrors } from '@coucou/domain/moderation/report';
import { userErrors } from '@coucou/domain/users/user';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserAdministration } from '../users/repositories.ts';
import { ReportQueue } from './repositories.ts';

export type ListReports = ReportFilter & Readonly<{ limit: number; cursor?: string | undefined }>;

export const listReports = adminUseCase({
  name: 'admin.listReports',
  deps: { uow: unitOfWork({ queue: ReportQueue }) },
  run: ({ uow }, { limit, cursor, ...filter }: ListReports, { account }) =>
    uow.read(account, (tx) => tx.queue.list(filter, { limit, cursor })),
});

type OfReport = Readonly<{ reportId: ReportId }>;

export const getReport = adminUseCase({
  name: 'admin.getReport',
  deps: { uow: unitOfWork({ queue: ReportQueue }) },
  run: ({ uow }, { reportId }: OfReport, { account }) =>
    uow.read(account, async (tx) => {
      const report = await tx.queue.find(reportId);
      if (report === undefined) throw reportErrors.NOT_FOUND();
      return report;
    }),
});

export type AssignReport = OfReport & Readonly<{ assigneeId: UserId | null }>;

/** To somebody who administers the account; null gives it back to the queue. */
export const assignReport = adminUseCase({
  name: 'admin.assignReport',
  deps: { uow: unitOfWork({ queue: ReportQueue, administration: UserAdministration, auditLog: AuditLog }), ...auditPorts },
  run: ({ uow, ...ports }, { reportId, assigneeId }: AssignReport, call) =>
    uow.write(call.account, async (tx) => {
      const report = await tx.queue.lock(reportId);
      if (report === undefined) throw reportErrors.NOT_FOUND();
      if (assigneeId !== null && !(await tx.administration.listAdministrators()).includes(assigneeId)) throw userErrors.USER_NOT_FOUND();
      const assigned = Report.assign(report, assigneeId ?? undefined);
      if (assigned.assigneeId === report.assigneeId) return report;
      await tx.queue.put(assigned);
      const details = { assigneeId: assigned.assigneeId };
      await recordAudit(ports, tx, call, moderationActions.report_assigned, { target: reportId, details });
      return assigned;
    }),
});
