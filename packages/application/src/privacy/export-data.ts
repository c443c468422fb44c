import type { UserId } from '@coucou/domain/kernel/ids';
import { privacyActions } from '@coucou/domain/privacy/audit-actions';
import type { ExportId } from '@coucou/domain/privacy/export-repository';
import { privacyErrors } from '@coucou/domain/privacy/privacy-errors';
import { AuditLog } from '../audit/audit-log.ts';
import { type AuditedCall, auditPorts, recordAudit } from '../audit/record-audit.ts';
import type { Call } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { type ArchiveEntry, Archives } from '../ports/archives.ts';
import { type Bytes, FileStore } from '../ports/file-store.ts';
import { SessionChecks } from '../ports/session-checks.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { exportEntries } from './export-entries.ts';
import { PersonalDataReader } from './personal-data-reader.ts';
import { Exports } from './repositories.ts';

/** An archive that is made while it is sent. */
export type OpenedArchive = Readonly<{ name: string; type: string; body: Bytes }>;

export const exportPorts = {
  uow: unitOfWork({ exports: Exports, auditLog: AuditLog }),
  reader: PersonalDataReader,
  files: FileStore,
  archives: Archives,
  checks: SessionChecks,
  ...auditPorts,
};
type ExportPorts = Ports<typeof exportPorts>;

/** Longer than a page or a file stalls before its connection is given up. */
const LEASE_SECONDS = 120;
const RENEW_AFTER_MS = 15_000;

/** Whose data; who exports it is in the call. */
export type ExportOf = Readonly<{ person: UserId }>;

/** Everything that is held of a person, as an archive, which breaks off when the session of who exports it ends. Throws `EXPORT_IN_PROGRESS`. */
export async function exportData(ports: ExportPorts, { person }: ExportOf, call: AuditedCall): Promise<OpenedArchive> {
  const { uow, archives, clock, ids } = ports;
  const id = ids.next<'export'>();
  await uow.write(call.account, async (tx) => {
    if (!(await tx.exports.begin(person, id, LEASE_SECONDS))) throw privacyErrors.EXPORT_IN_PROGRESS();
    await recordAudit(ports, tx, call, privacyActions.user_exported, { target: person });
  });
  const day = clock.now().toISOString().slice(0, 10);
  return {
    name: `export-${day}.${archives.extension}`,
    type: 'application/gzip',
    body: archives.pack(leased(ports, call, person, id)),
  };
}

/** The entries while the lease lasts, which ends with them. */
async function* leased(
  ports: ExportPorts,
  { account, actor }: Pick<Call, 'account' | 'actor'>,
  person: UserId,
  id: ExportId,
): AsyncGenerator<ArchiveEntry> {
  const { uow, clock, checks } = ports;
  let renewedAt = clock.now().getTime();
  try {
    for await (const entry of exportEntries(ports, account, person)) {
      if (actor !== undefined) checks.check({ account, actor });
      yield entry;
      const now = clock.now().getTime();
      if (now - renewedAt < RENEW_AFTER_MS) continue;
      if (!(await uow.write(account, (tx) => tx.exports.renew(person, id, LEASE_SECONDS)))) throw privacyErrors.EXPORT_IN_PROGRESS();
      renewedAt = now;
    }
  } finally {
    await uow.write(account, (tx) => tx.exports.end(person, id));
  }
}

export const exportMe = useCase({
  name: 'users.exportMe',
  deps: exportPorts,
  run: (ports, _input: Readonly<Record<never, never>>, call) => exportData(ports, { person: call.actor.userId }, call),
});
