import { AuditLog } from '@coucou/application/audit/audit-log';
import { auditPorts, recordAudit } from '@coucou/application/audit/record-audit';
import type { AdminCall } from '@coucou/application/kernel/call';
import type { Ports } from '@coucou/application/kernel/token';
import { adminUseCase } from '@coucou/application/kernel/use-case';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { Users } from '@coucou/application/users/repositories';
import { ChatError } from '@coucou/domain/kernel/errors';
import type { UserId } from '@coucou/domain/kernel/ids';
import { userErrors } from '@coucou/domain/users/user';
import { corporateNumberActions } from '../domain/audit-actions.ts';
import { type CorporateNumber, corporateNumberErrors, type CorporateNumberId, type E164 } from '../domain/corporate-number.ts';
import type { CreateCorporateNumber } from './administer-corporate-numbers.ts';
import { type CorporateNumberRepository, CorporateNumbers } from './corporate-number-repository.ts';
import { NumberingPlans } from './numbering-plans.ts';

/** What became of one row. */
export type ImportedRow =
  /** Without an id: it was there, and has been removed since. */
  | Readonly<{ status: 'created' | 'existing'; id: CorporateNumberId | undefined; number: E164 }>
  | Readonly<{ status: 'invalid'; refusal: ChatError }>;

const importPorts = {
  uow: unitOfWork({ numbers: CorporateNumbers, users: Users, auditLog: AuditLog }),
  plans: NumberingPlans,
  ...auditPorts,
};

/** A row as a number of the directory, or why it is none; whether its person is there is not known yet. */
function readRow(
  { plans, clock, ids }: Ports<typeof importPorts>,
  row: CreateCorporateNumber,
  call: AdminCall,
): CorporateNumber | ChatError {
  const { number: written, country, label, userId } = row;
  try {
    const number = plans.read(written, country);
    return { accountId: call.account, id: ids.next(), number, label, userId, createdAt: clock.now() };
  } catch (error) {
    if (error instanceof ChatError && error.code === corporateNumberErrors.INVALID.code) return error;
    throw error;
  }
}

const isRefused = (row: CorporateNumber | ChatError): row is ChatError => row instanceof ChatError;
const areNumbers = (rows: readonly (CorporateNumber | ChatError)[]): CorporateNumber[] =>
  rows.flatMap((row) => (isRefused(row) ? [] : [row]));

/**
 * Sorted, so that of two imports of the same numbers one waits for the other: each would otherwise come to hold what the other wants next. A
 * sort keeps equal numbers in their order, and the first of them is the one that is added.
 */
const sorted = (rows: readonly CorporateNumber[]): CorporateNumber[] =>
  rows.toSorted((a, b) => Number(a.number > b.number) - Number(a.number < b.number));

async function addRows(numbers: CorporateNumberRepository, rows: readonly (CorporateNumber | ChatError)[]): Promise<ImportedRow[]> {
  const wanted = sorted(areNumbers(rows));
  const added = await numbers.add(wanted);
  const others = wanted.filter(({ id }) => !added.has(id)).map(({ number }) => number);
  const there = new Map((await numbers.lookupMany([...new Set(others)])).map(({ number, id }) => [number, id]));
  return rows.map((row): ImportedRow => {
    if (isRefused(row)) return { status: 'invalid', refusal: row };
    const { id, number } = row;
    return added.has(id) ? { status: 'created', id, number } : { status: 'existing', id: there.get(number), number };
  });
}

/** All rows that are good, in one transaction. What is there already stays as it is, so that an import can be repeated. */
export const importCorporateNumbers = adminUseCase({
  name: 'admin.importCorporateNumbers',
  deps: importPorts,
  async run(ports, { numbers }: Readonly<{ numbers: readonly CreateCorporateNumber[] }>, call): Promise<readonly ImportedRow[]> {
    const read = numbers.map((row) => readRow(ports, row, call));
    const named = new Set(areNumbers(read).flatMap(({ userId }) => userId ?? []));
    return ports.uow.write(call.account, async (tx) => {
      const people = new Set<UserId>((await tx.users.lookupMany([...named])).map(({ id }) => id));
      const isThere = ({ userId }: CorporateNumber) => userId === undefined || people.has(userId);
      const rows = await addRows(
        tx.numbers,
        read.map((row) => (isRefused(row) || isThere(row) ? row : userErrors.USER_NOT_FOUND())),
      );
      const counts = countsOf(rows);
      if (counts.created > 0)
        await recordAudit(ports, tx, call, corporateNumberActions.corporate_numbers_imported, {
          details: { rows: rows.length, ...counts },
        });
      return rows;
    });
  },
});

export const countsOf = (rows: readonly ImportedRow[]): Readonly<Record<ImportedRow['status'], number>> => {
  const counts = { created: 0, existing: 0, invalid: 0 };
  for (const { status } of rows) counts[status] += 1;
  return counts;
};
