import { conversationErrors } from '@coucou/domain/conversations/conversation';
import type { UserId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { privacyActions } from '@coucou/domain/privacy/audit-actions';
import { Erasure } from '@coucou/domain/privacy/erasure';
import { Administration } from '@coucou/domain/users/administration';
import { userErrors } from '@coucou/domain/users/user';
import { AuditLog } from '../audit/audit-log.ts';
import { type AuditedCall, auditPorts, recordAudit } from '../audit/record-audit.ts';
import { accessChanged } from '../auth/access-events.ts';
import { endSessions } from '../auth/end-sessions.ts';
import { Sessions } from '../auth/repositories.ts';
import { rankOf } from '../accounts/authority-rank.ts';
import type { AdminCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { CurrentMembers } from '../ports/current-members.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { announceProfile } from '../users/announce-profile.ts';
import { HeldNames, UserAdministration, UserRelations } from '../users/repositories.ts';
import { erasureDue } from './erasure-due.ts';
import { Erasures, Persons } from './repositories.ts';

export const deletionPorts = {
  uow: unitOfWork({
    persons: Persons,
    erasures: Erasures,
    sessions: Sessions,
    auditLog: AuditLog,
    heldNames: HeldNames,
    relations: UserRelations,
    administration: UserAdministration,
  }),
  currentMembers: CurrentMembers,
  ...auditPorts,
};

export type Deletion = Readonly<{
  person: UserId;
  /** The call of who deletes them, if not they themselves. */
  by?: Pick<AdminCall, 'actor' | 'authority'>;
}>;

/**
 * Deletes somebody in one transaction: from then on they are nobody, sign in nowhere, and what is left of them is erased by a job. Throws
 * `LAST_OWNER` for the account's last one, `USER_NOT_FOUND`, and `FORBIDDEN` for whom that administrator may not administer.
 */
export async function deletePerson(
  { uow, currentMembers, ...ports }: Ports<typeof deletionPorts>,
  { person, by }: Deletion,
  call: AuditedCall,
): Promise<Erasure> {
  const { account } = call;
  const shownIn = await currentMembers.ofUser(account, person, limits.shownConversations);
  return uow.write(account, async (tx) => {
    const owners = await tx.administration.lockOwners();
    const before = await tx.persons.lookup(person);
    if (before === undefined) throw userErrors.USER_NOT_FOUND();
    // Under the lock, by which whoever gives them another role waits.
    if (by !== undefined) Administration.requireSubject(rankOf(by.authority), before.role);
    if (owners.includes(person) && owners.length === 1) throw conversationErrors.LAST_OWNER();
    const now = ports.clock.now();
    const erasure = Erasure.request({ accountId: account, id: ports.ids.next(), userId: person, requestedBy: by?.actor?.userId }, now);
    const after = await tx.persons.anonymise(person);
    if (after === undefined || !(await tx.erasures.add(erasure))) throw userErrors.USER_NOT_FOUND();
    tx.emit(erasureDue({ person, at: erasure.dueAt }));
    // The address is free at once: the owner of the mailbox may sign up again.
    await tx.heldNames.removeEmailsSince(person, 0);
    await tx.heldNames.put({
      kind: 'username',
      name: before.username,
      userId: person,
      until: Erasure.heldUntil(erasure),
      securityVersion: 0,
    });
    const ended = await endSessions(tx, { userId: person }, 'deleted');
    // Tokens without a session of ours, too.
    tx.emit(accessChanged({ change: { is: 'suspended', userId: person } }));
    await recordAudit(ports, tx, call, privacyActions.user_deleted, {
      target: person,
      details: { sessions: ended.length },
    });
    await announceProfile(tx, after, shownIn);
    return erasure;
  });
}
