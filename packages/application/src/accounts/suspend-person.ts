import { accountActions } from '@coucou/domain/accounts/audit-actions';
import type { AuditLogRepository } from '@coucou/domain/audit/audit-entry';
import type { UserId } from '@coucou/domain/kernel/ids';
import type { SuspensionRepository } from '@coucou/domain/moderation/moderation-repositories';
import { Administration } from '@coucou/domain/users/administration';
import type { UserAdministrationRepository } from '@coucou/domain/users/administration-repository';
import { type User, userErrors } from '@coucou/domain/users/user';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import { type auditPorts, recordAudit } from '../audit/record-audit.ts';
import { accessChanged } from '../auth/access-events.ts';
import type { AdminCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import type { Writing } from '../ports/unit-of-work.ts';
import { rankOf } from './authority-rank.ts';

export type Subject = Readonly<{ users: UserRepository; administration: UserAdministrationRepository; suspensions: SuspensionRepository }>;

/** The person, locked after the owners, and how many other owners there are. */
export async function lockSubject(tx: Subject, userId: UserId): Promise<Readonly<{ user: User; otherOwners: number }>> {
  const owners = await tx.administration.lockOwners();
  const [user] = await tx.users.lock([userId]);
  if (user === undefined || (await tx.administration.isDeleted(userId))) throw userErrors.USER_NOT_FOUND();
  return { user, otherOwners: owners.filter((id) => id !== userId).length };
}

/** Keeps somebody out. One who is suspended already stays so since then. */
export async function suspendPerson(
  ports: Ports<typeof auditPorts>,
  tx: Writing<Subject & Readonly<{ auditLog: AuditLogRepository }>>,
  call: AdminCall,
  userId: UserId,
): Promise<void> {
  const { user, otherOwners } = await lockSubject(tx, userId);
  Administration.requireSuspension(rankOf(call.authority), user, otherOwners);
  if ((await tx.suspensions.since(userId)) !== undefined) return;
  await tx.suspensions.set(userId, true);
  tx.emit(accessChanged({ change: { is: 'suspended', userId } }));
  await recordAudit(ports, tx, call, accountActions.user_suspended, { target: userId });
}
