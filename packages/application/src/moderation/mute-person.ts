import type { AuditLogRepository } from '@coucou/domain/audit/audit-entry';
import type { AccountId, Instant, ModerationRuleId, ReportId, UserId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { moderationActions } from '@coucou/domain/moderation/audit-actions';
import type { SuspensionRepository } from '@coucou/domain/moderation/moderation-repositories';
import type { ModerationRule } from '@coucou/domain/moderation/moderation-rule';
import { notificationKind } from '@coucou/domain/notifications/notification';
import type { NotificationRepository } from '@coucou/domain/notifications/notification-repository';
import { type AuditedCall, type auditPorts, byServer, recordAudit } from '../audit/record-audit.ts';
import type { Ports } from '../kernel/token.ts';
import { tell } from '../notifications/notify.ts';
import type { Writing } from '../ports/unit-of-work.ts';
import { feedEntryAdded } from '../users/user-events.ts';

export const mutedKind = notificationKind('muted');

type MutingTx = Writing<
  Readonly<{ suspensions: SuspensionRepository; notifications: NotificationRepository; auditLog: AuditLogRepository }>
>;
type Given = Ports<typeof auditPorts>;

/** Their clients show until when, or that it is over. */
const showMute = (tx: MutingTx, userId: UserId, until: Instant | undefined): void =>
  tx.emit(feedEntryAdded({ userId, kind: 'moderation.muted', payload: { until: until?.toISOString() ?? null } }));

async function tellMuted(
  ports: Given,
  tx: MutingTx,
  call: AuditedCall,
  userId: UserId,
  until: Instant,
  by: Readonly<{ reportId?: ReportId; ruleId?: ModerationRuleId }>,
): Promise<void> {
  showMute(tx, userId, until);
  // Who muted them is the account's own affair: the person themself stands for nobody.
  await tell(ports, tx, call.account, [{ userId, kind: mutedKind, actorId: userId, once: `muted:${until.toISOString()}` }]);
  await recordAudit(ports, tx, call, moderationActions.user_muted, { target: userId, details: { until: until.toISOString(), ...by } });
}

/** Keeps somebody from writing until then, instead of a mute that they have. Whether the caller may is decided before. */
export async function mutePerson(
  ports: Given,
  tx: MutingTx,
  call: AuditedCall,
  userId: UserId,
  until: Instant,
  by: Readonly<{ reportId?: ReportId }> = {},
): Promise<void> {
  await tx.suspensions.mute(userId, until);
  await tellMuted(ports, tx, call, userId, until, by);
}

export async function unmutePerson(ports: Given, tx: MutingTx, call: AuditedCall, userId: UserId): Promise<void> {
  await tx.suspensions.mute(userId, undefined);
  showMute(tx, userId, undefined);
  await recordAudit(ports, tx, call, moderationActions.user_unmuted, { target: userId });
}

/** As a rule does: who administers the account stays unmuted, and so does the end of a mute that holds. Answers when it ends if it is new. */
export async function muteByRule(
  ports: Given,
  tx: MutingTx,
  account: AccountId,
  userId: UserId,
  { id: ruleId, muteSeconds = 0 }: ModerationRule,
): Promise<Instant | undefined> {
  const now = ports.clock.now();
  const until = addSeconds(now, muteSeconds);
  if (!(await tx.suspensions.muteUnlessMuted(userId, until, now))) return undefined;
  await tellMuted(ports, tx, { account, ...byServer }, userId, until, { ruleId });
  return until;
}
