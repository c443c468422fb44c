import { AuditLog } from '@coucou/application/audit/audit-log';
import { AuditReader } from '@coucou/application/audit/audit-reader';
import * as audit from '@coucou/application/audit/list-audit-logs';
import { sealAudit } from '@coucou/application/audit/seal-entries';
import { bind, bindFile } from '@coucou/application/kernel/operation';
import { adminUseCase } from '@coucou/application/kernel/use-case';
import type { OpenedArchive } from '@coucou/application/privacy/export-data';
import * as contracts from '@coucou/contracts/audit/audit-logs';
import { auditActions } from '@coucou/domain/audit/audit-actions';
import { createAuditLogRepository } from '@coucou/postgres/audit/audit-log-repository';
import { createAuditReader } from '@coucou/postgres/audit/audit-reader';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { presentPage } from '../conversations/presenters.ts';
import { feature } from '../feature.ts';
import { auditLines } from './lines.ts';
import { presentAuditEntry } from './presenters.ts';

const exportOperation = adminUseCase({
  name: audit.exportAuditLogs.name,
  deps: audit.exportAuditLogs.deps,
  async run(ports, input: audit.AuditSearch, call): Promise<OpenedArchive> {
    const entries = await audit.exportAuditLogs.run(ports, input, call);
    return { name: 'audit-log.ndjson', type: 'application/x-ndjson', body: auditLines(entries) };
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
  jobs: [sealAudit],
  storage: { repositories: [repository(AuditLog, createAuditLogRepository)], readers: [reader(AuditReader, createAuditReader)] },
});
