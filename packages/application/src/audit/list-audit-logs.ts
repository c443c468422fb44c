import { auditActions } from '@coucou/domain/audit/audit-actions';
import type { LoggedEntry } from '@coucou/domain/audit/audit-entry';
import { adminUseCase } from '../kernel/use-case.ts';
import { SessionChecks } from '../ports/session-checks.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { AuditLog } from './audit-log.ts';
import { type AuditFilter, AuditReader } from './audit-reader.ts';
import { auditPorts, recordAudit } from './record-audit.ts';

/** A filter as it is sent: times in RFC 3339. */
export type AuditSearch = Omit<AuditFilter, 'since' | 'before'> & Readonly<{ since?: string | undefined; before?: string | undefined }>;

const instant = (time: string | undefined) => (time === undefined ? undefined : new Date(time));
const filterOf = ({ since, before, ...rest }: AuditSearch): AuditFilter => ({ ...rest, since: instant(since), before: instant(before) });

export type ListAuditLogs = AuditSearch & Readonly<{ limit: number; cursor?: string | undefined }>;

export const listAuditLogs = adminUseCase({
  name: 'admin.listAuditLogs',
  deps: { reader: AuditReader },
  run: ({ reader }, { limit, cursor, ...search }: ListAuditLogs, { account }) => reader.list(account, filterOf(search), { limit, cursor }),
});

const PAGE = 500;

/** All of them, the newest first, as long as the session of who exports them lasts. That it was exported is in the log before. */
export const exportAuditLogs = adminUseCase({
  name: 'admin.exportAuditLogs',
  deps: { reader: AuditReader, checks: SessionChecks, uow: unitOfWork({ auditLog: AuditLog }), ...auditPorts },
  async run({ reader, checks, uow, ...ports }, search: AuditSearch, call): Promise<AsyncIterable<LoggedEntry>> {
    const { account, actor } = call;
    await uow.write(account, (tx) => recordAudit(ports, tx, call, auditActions.audit_exported, {}));
    async function* entries(): AsyncGenerator<LoggedEntry> {
      let cursor: string | undefined;
      do {
        if (actor !== undefined) checks.check({ account, actor });
        // Nothing else says so to a search that finds nothing.
        if (call.connection?.destroyed === true) return;
        const page = await reader.list(account, filterOf(search), { limit: PAGE, cursor });
        yield* page.items;
        cursor = page.nextCursor;
      } while (cursor !== undefined);
    }
    return entries();
  },
});
