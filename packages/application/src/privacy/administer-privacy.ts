import type { UserId } from '@coucou/domain/kernel/ids';
import { Administration } from '@coucou/domain/users/administration';
import { userErrors } from '@coucou/domain/users/user';
import { rankOf } from '../accounts/authority-rank.ts';
import type { AdminCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { adminUseCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { Users } from '../users/repositories.ts';
import { deletePerson, deletionPorts } from './delete-person.ts';
import { exportData, exportPorts } from './export-data.ts';
import { Erasures } from './repositories.ts';

type OfUser = Readonly<{ userId: UserId }>;

const reading = { people: unitOfWork({ users: Users }) };

/** Throws where this administrator may not administer that person. */
async function requireSubject({ people }: Ports<typeof reading>, { userId }: OfUser, call: AdminCall): Promise<void> {
  const user = await people.read(call.account, (tx) => tx.users.lookup(userId));
  if (user === undefined) throw userErrors.USER_NOT_FOUND();
  Administration.requireSubject(rankOf(call.authority), user.role);
}

export const exportUser = adminUseCase({
  name: 'admin.exportUser',
  deps: { ...exportPorts, ...reading },
  async run(ports, input: OfUser, call) {
    await requireSubject(ports, input, call);
    return exportData(ports, { person: input.userId }, call);
  },
});

export const deleteUser = adminUseCase({
  name: 'admin.deleteUser',
  deps: deletionPorts,
  run: (ports, { userId }: OfUser, call) => deletePerson(ports, { person: userId, by: call }, call),
});

export const getErasure = adminUseCase({
  name: 'admin.getErasure',
  deps: { uow: unitOfWork({ erasures: Erasures }) },
  async run({ uow }, { userId }: OfUser, call) {
    const erasure = await uow.read(call.account, (tx) => tx.erasures.findOf(userId));
    if (erasure === undefined) throw userErrors.USER_NOT_FOUND();
    return erasure;
  },
});
