import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, recordAudit } from '@coucou/application/audit/record-audit';
import { adminUseCase } from '@coucou/application/kernel/use-case';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { Users } from '@coucou/application/users/repositories';
import type { UserId } from '@coucou/domain/kernel/ids';
import { userErrors } from '@coucou/domain/users/user';
import type { UserRepository } from '@coucou/domain/users/user-repository';
import { corporateNumberActions } from '../domain/audit-actions.ts';
import { CorporateNumber, type CorporateNumberChange, corporateNumberErrors, type CorporateNumberId } from '../domain/corporate-number.ts';
import { type CorporateNumberFilter, CorporateNumbers } from './corporate-number-repository.ts';
import { NumberingPlans } from './numbering-plans.ts';

type OfNumber = Readonly<{ corporateNumberId: CorporateNumberId }>;

const uow = unitOfWork({ numbers: CorporateNumbers, users: Users, auditLog: AuditLog });

async function requireUser({ users }: Readonly<{ users: UserRepository }>, userId: UserId | null | undefined): Promise<void> {
  if (userId && (await users.lookup(userId)) === undefined) throw userErrors.USER_NOT_FOUND();
}

export type ListCorporateNumbers = CorporateNumberFilter & Readonly<{ limit: number; cursor?: string | undefined }>;

export const listCorporateNumbers = adminUseCase({
  name: 'admin.listCorporateNumbers',
  deps: { uow },
  run: ({ uow: { read } }, { limit, cursor, ...filter }: ListCorporateNumbers, { account }) =>
    read(account, (tx) => tx.numbers.list(filter, { limit, cursor })),
});

export const getCorporateNumber = adminUseCase({
  name: 'admin.getCorporateNumber',
  deps: { uow },
  async run({ uow: { read } }, { corporateNumberId }: OfNumber, { account }): Promise<CorporateNumber> {
    const found = await read(account, (tx) => tx.numbers.lookup(corporateNumberId));
    if (found === undefined) throw corporateNumberErrors.NOT_FOUND();
    return found;
  },
});

export type CreateCorporateNumber = Readonly<{
  number: string;
  country?: string | undefined;
  label?: string | undefined;
  userId?: UserId | undefined;
}>;

export const createCorporateNumber = adminUseCase({
  name: 'admin.createCorporateNumber',
  deps: { uow, plans: NumberingPlans, ...auditPorts },
  async run({ uow: { write }, plans, ...ports }, input: CreateCorporateNumber, call): Promise<CorporateNumber> {
    const { number: written, country, label, userId } = input;
    const number = plans.read(written, country);
    const id = ports.ids.next<'corporateNumber'>();
    const created = { accountId: call.account, id, number, label, userId, createdAt: ports.clock.now() };
    await write(call.account, async (tx) => {
      await requireUser(tx, userId);
      if (!(await tx.numbers.add([created])).has(id)) {
        const [there] = await tx.numbers.lookupMany([number]);
        throw corporateNumberErrors.TAKEN({ corporateNumberId: there?.id });
      }
      await recordAudit(ports, tx, call, corporateNumberActions.corporate_number_created, { target: id, details: { number } });
    });
    return created;
  },
});

/** The number itself never changes: another one is another entry. */
export const updateCorporateNumber = adminUseCase({
  name: 'admin.updateCorporateNumber',
  deps: { uow, ...auditPorts },
  run: ({ uow: { write }, ...ports }, { corporateNumberId, ...change }: OfNumber & CorporateNumberChange, call): Promise<CorporateNumber> =>
    write(call.account, async (tx) => {
      const current = await tx.numbers.lock(corporateNumberId);
      if (current === undefined) throw corporateNumberErrors.NOT_FOUND();
      await requireUser(tx, change.userId);
      const updated = CorporateNumber.update(current, change);
      if (updated === undefined) return current;
      const { number: changed } = updated;
      await tx.numbers.update(changed);
      await recordAudit(ports, tx, call, corporateNumberActions.corporate_number_updated, {
        target: corporateNumberId,
        details: { number: changed.number, changed: updated.changed },
      });
      return changed;
    }),
});

export const deleteCorporateNumber = adminUseCase({
  name: 'admin.deleteCorporateNumber',
  deps: { uow, ...auditPorts },
  run: ({ uow: { write }, ...ports }, { corporateNumberId }: OfNumber, call): Promise<void> =>
    write(call.account, async (tx) => {
      const removed = await tx.numbers.remove(corporateNumberId);
      if (removed === undefined) throw corporateNumberErrors.NOT_FOUND();
      await recordAudit(ports, tx, call, corporateNumberActions.corporate_number_deleted, {
        target: corporateNumberId,
        details: { number: removed.number },
      });
    }),
});
