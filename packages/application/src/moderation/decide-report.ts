import type { ReportId } from '@coucou/domain/kernel/ids';
import { messageActions } from '@coucou/domain/messages/audit-actions';
import { MessageChange } from '@coucou/domain/messages/message-change';
import { moderationActions } from '@coucou/domain/moderation/audit-actions';
import { type Decided, type Judgement, Report, reportErrors, type ReportSubject } from '@coucou/domain/moderation/report';
import { notificationKind } from '@coucou/domain/notifications/notification';
import { Administration } from '@coucou/domain/users/administration';
import { userErrors } from '@coucou/domain/users/user';
import { rankOf } from '../accounts/authority-rank.ts';
import { lockSubject, suspendPerson } from '../accounts/suspend-person.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts, recordAudit } from '../audit/record-audit.ts';
import { Conversations } from '../conversations/repositories.ts';
import type { AdminCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { messageDeleted } from '../messages/message-events.ts';
import { Messages } from '../messages/repositories.ts';
import { tell } from '../notifications/notify.ts';
import { Notifications } from '../notifications/repositories.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserAdministration, Users } from '../users/repositories.ts';
import { feedEntryAdded } from '../users/user-events.ts';
import { mutePerson } from './mute-person.ts';
import { ReportQueue, Suspensions } from './repositories.ts';

export const reportDecidedKind = notificationKind('reportDecided');
export const warnedKind = notificationKind('warned');

const deps = {
  uow: unitOfWork({
    queue: ReportQueue,
    conversations: Conversations,
    messages: Messages,
    users: Users,
    administration: UserAdministration,
    suspensions: Suspensions,
    notifications: Notifications,
    auditLog: AuditLog,
  }),
  ...auditPorts,
};
type Given = Ports<typeof auditPorts>;
type DecidingTx = Parameters<Parameters<Ports<typeof deps>['uow']['write']>[1]>[0];

export type DecideReport = Judgement & Readonly<{ reportId: ReportId; message?: string | undefined }>;

/**
 * The decision, what it does, and who is told are one transaction under the lock of the report: of two who decide at once the second is
 * refused, and nothing of theirs happens.
 */
export const decideReport = adminUseCase({
  name: 'admin.decideReport',
  deps,
  run: ({ uow, ...ports }, { reportId, message, ...judgement }: DecideReport, call) =>
    uow.write(call.account, async (tx): Promise<Report> => {
      const report = await tx.queue.lock(reportId);
      if (report === undefined) throw reportErrors.NOT_FOUND();
      const decided = Report.decide(report, judgement, call.actor?.userId, ports.clock.now());
      await tx.queue.put(decided);
      await carryOut(ports, tx, call, decided, message);
      await tellReporter(ports, tx, decided);
      const details = { decision: judgement.decision, userId: report.subject.userId };
      await recordAudit(ports, tx, call, moderationActions.report_decided, { target: reportId, details });
      return decided;
    }),
});

async function carryOut(ports: Given, tx: DecidingTx, call: AdminCall, report: Report, message: string | undefined): Promise<void> {
  const { subject, decided } = report;
  const { userId } = subject;
  switch (decided?.decision) {
    case 'delete':
      return deleteReported(ports, tx, call, subject);
    case 'warn':
      return warn(ports, tx, call, report, message);
    case 'mute':
      return mute(ports, tx, call, report, decided);
    case 'suspend':
      return suspendPerson(ports, tx, call, userId);
    case 'dismiss':
    case undefined:
  }
}

/** A message that is gone, or whose conversation is, stays as it is. */
async function deleteReported(ports: Given, tx: DecidingTx, call: AdminCall, subject: ReportSubject): Promise<void> {
  if (subject.kind !== 'message') return;
  const { conversationId, messageId } = subject;
  const conversation = await tx.conversations.lock(conversationId);
  const found = conversation && (await tx.messages.lookup(conversation, messageId));
  const deletedAt = ports.clock.now();
  const deleted = found && MessageChange.moderate(found, deletedAt);
  if (conversation === undefined || found === undefined || deleted === undefined) return;
  await tx.messages.erase(deleted);
  const { version, seq, senderId: authorId } = deleted;
  await recordAudit(ports, tx, call, messageActions.message_removed, { target: messageId, details: { conversationId, authorId } });
  const { accessVersion } = conversation;
  const mentions = MessageChange.mentionsChanged(found.message, deleted);
  tx.emit(messageDeleted({ conversationId, messageId, seq, version, accessVersion, withheld: found.withheld, deletedAt, mentions }));
}

/** The person reads what they are told in their feed, and which message it is about, but neither who reported them nor who decided. */
async function warn(ports: Given, tx: DecidingTx, call: AdminCall, report: Report, message: string | undefined): Promise<void> {
  const { id: reportId, subject } = report;
  const { userId } = subject;
  if ((await tx.users.lookup(userId)) === undefined) throw userErrors.USER_NOT_FOUND();
  const about = subject.kind === 'message' ? { conversationId: subject.conversationId, messageId: subject.messageId } : {};
  const seq = subject.kind === 'message' ? { seq: subject.seq } : {};
  await tell(ports, tx, call.account, [{ userId, kind: warnedKind, actorId: userId, once: `warned:${reportId}`, ...about, ...seq }]);
  tx.emit(feedEntryAdded({ userId, kind: 'moderation.warned', payload: { ...about, ...(message !== undefined && { message }) } }));
  await recordAudit(ports, tx, call, moderationActions.user_warned, { target: userId, details: { reportId } });
}

async function mute(
  ports: Given,
  tx: DecidingTx,
  call: AdminCall,
  { id: reportId, subject }: Report,
  { mutedUntil }: Decided,
): Promise<void> {
  const { user } = await lockSubject(tx, subject.userId);
  Administration.requireSubject(rankOf(call.authority), user.role);
  if (mutedUntil !== undefined) await mutePerson(ports, tx, call, user.id, mutedUntil, { reportId });
}

/** Whether something was done, not what: that is between the account and the other person. */
async function tellReporter(ports: Given, tx: DecidingTx, { accountId, id: reportId, reporterId: userId, decided }: Report): Promise<void> {
  if (userId === undefined || (await tx.users.lookup(userId)) === undefined) return;
  const outcome = decided?.decision === 'dismiss' ? 'dismissed' : 'acted';
  await tell(ports, tx, accountId, [{ userId, kind: reportDecidedKind, actorId: userId, once: `report:${reportId}` }]);
  tx.emit(feedEntryAdded({ userId, kind: 'report.decided', payload: { reportId, outcome } }));
}
