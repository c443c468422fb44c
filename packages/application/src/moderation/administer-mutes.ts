import type { UserId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { Administration } from '@coucou/domain/users/administration';
import { rankOf } from '../accounts/authority-rank.ts';
import { lockSubject } from '../accounts/suspend-person.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { auditPorts } from '../audit/record-audit.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { Notifications } from '../notifications/repositories.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserAdministration, Users } from '../users/repositories.ts';
import { mutePerson, unmutePerson } from './mute-person.ts';
import { Suspensions } from './repositories.ts';

const deps = {
  uow: unitOfWork({
    users: Users,
    administration: UserAdministration,
    suspensions: Suspensions,
    notifications: Notifications,
    auditLog: AuditLog,
  }),
  ...auditPorts,
};

type OfUser = Readonly<{ userId: UserId }>;

/** Instead of a mute that they have. */
export const muteUser = adminUseCase({
  name: 'admin.muteUser',
  deps,
  run: ({ uow, ...ports }, { userId, seconds }: OfUser & Readonly<{ seconds: number }>, call) =>
    uow.write(call.account, async (tx) => {
      const { user } = await lockSubject(tx, userId);
      Administration.requireSubject(rankOf(call.authority), user.role);
      const until = addSeconds(ports.clock.now(), seconds);
      await mutePerson(ports, tx, call, userId, until);
      return { mutedUntil: until };
    }),
});

export const unmuteUser = adminUseCase({
  name: 'admin.unmuteUser',
  deps,
  run: ({ uow, ...ports }, { userId }: OfUser, call) =>
    uow.write(call.account, async (tx) => {
      const { user } = await lockSubject(tx, userId);
      Administration.requireSubject(rankOf(call.authority), user.role);
      if ((await tx.suspensions.restrictions(userId))?.mutedUntil === undefined) return;
      await unmutePerson(ports, tx, call, userId);
    }),
});
