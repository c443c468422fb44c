import type { LoggedEntry } from '@coucou/domain/audit/audit-entry';
import { presentAuditEntry } from './presenters.ts';

/** Entries as NDJSON, while they are read. */
export async function* auditLines(entries: AsyncIterable<LoggedEntry>): AsyncGenerator<Buffer> {
  for await (const entry of entries) yield Buffer.from(`${JSON.stringify(presentAuditEntry(entry))}\n`);
}
