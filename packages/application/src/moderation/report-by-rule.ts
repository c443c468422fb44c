import type { AuditLogRepository } from '@coucou/domain/audit/audit-entry';
import type { AccountId, ModerationRuleId } from '@coucou/domain/kernel/ids';
import { moderationActions } from '@coucou/domain/moderation/audit-actions';
import type { ReportRepository } from '@coucou/domain/moderation/moderation-repositories';
import { Report, type ReportSubject } from '@coucou/domain/moderation/report';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, byServer, recordAudit } from '../audit/record-audit.ts';
import { subscriber } from '../kernel/subscriber.ts';
import type { Ports } from '../kernel/token.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { messageFlagged } from './moderation-events.ts';
import { Reports } from './repositories.ts';

/** A rule has one report about a person that is not decided yet, however often it acts: nobody floods the queue. */
export async function reportByRule(
  ports: Ports<typeof auditPorts>,
  tx: Readonly<{ reports: ReportRepository; auditLog: AuditLogRepository }>,
  account: AccountId,
  subject: ReportSubject,
  { ruleId, reason }: Readonly<{ ruleId: ModerationRuleId; reason: string }>,
): Promise<void> {
  const report = Report.byRule({ accountId: account, id: ports.ids.next(), ruleId, subject, reason, now: ports.clock.now() });
  if (!(await tx.reports.add(report))) return;
  const details = { kind: subject.kind, ruleId };
  await recordAudit(ports, tx, { account, ...byServer }, moderationActions.report_made, { target: report.id, details });
}

/** A message that was refused in the end, or is deleted already, is not reported. */
export const reportFlagged = subscriber({
  name: 'moderation.reportFlagged',
  on: messageFlagged,
  deps: { uow: unitOfWork({ reports: Reports, auditLog: AuditLog }), ...auditPorts },
  run: ({ uow, ...ports }, { account, messageId, ruleId, reason }) =>
    uow.write(account, async (tx) => {
      const subject = await tx.reports.findStored(messageId);
      if (subject !== undefined) await reportByRule(ports, tx, account, subject, { ruleId, reason });
    }),
});
