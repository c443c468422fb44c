import { AuditLog } from '@coucou/application/audit/audit-log';
import { AuditReader } from '@coucou/application/audit/audit-reader';
import * as audit from '@coucou/application/audit/list-audit-logs';
import { bind, bindFile } from '@coucou/application/kernel/operation';
import { adminUseCase } from '@coucou/application/kernel/use-case';
import type { OpenedArchive } from '@coucou/application/privacy/export-data';
import * as contracts from '@coucou/contracts/audit/audit-logs';
import { auditActions } from '@coucou/domain/audit/audit-actions';
import type { AuditEntry } from '@coucou/domain/audit/audit-entry';
import { createAuditLogRepository } from '@coucou/postgres/audit/audit-log-repository';
import { createAuditReader } from '@coucou/postgres/audit/audit-reader';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { presentPage } from '../conversations/presenters.ts';
import { feature } from '../feature.ts';
import { presentAuditEntry } from './presenters.ts';

async function* lines(entries: AsyncIterable<AuditEntry>): AsyncGenerator<Buffer> {
  for await (const entry of entries) yield Buffer.from(`${JSON.stringify(presentAuditEntry(entry))}\n`);
}

const exportOperation = adminUseCase({
  name: audit.exportAuditLogs.name,
  deps: audit.exportAuditLogs.deps,
  async run(ports, input: audit.AuditSearch, call): Promise<OpenedArchive> {
    const entries = await audit.exportAuditLogs.run(ports, input, call);
    return { name: 'audit-log.ndjson', type: 'application/x-ndjson', body: lines(entries) };
  },
});

/** Who did what to whom: what all features write into, and those who administer read. */
export const auditFeature = feature({
  name: 'audit',
  operations: [
    bind(contracts.listAuditLogs, audit.listAuditLogs, presentPage(presentAuditEntry)),
    bindFile(contracts.exportAuditLogs, exportOperation),
  ],
  auditActions: [auditActions],
  storage: { repositories: [repository(AuditLog, createAuditLogRepository)], readers: [reader(AuditReader, createAuditReader)] },
});
