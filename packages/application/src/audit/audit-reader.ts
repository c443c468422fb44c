import type { AuditActorKind, LoggedEntry } from '@coucou/domain/audit/audit-entry';
import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import type { Page, PageRequest } from '../conversations/conversation-reader.ts';
import { token } from '../kernel/token.ts';

/** All that is given has to hold. */
export type AuditFilter = Readonly<{
  action?: string | undefined;
  actorKind?: AuditActorKind | undefined;
  actorId?: string | undefined;
  targetType?: string | undefined;
  targetId?: string | undefined;
  /** Inclusive. */
  since?: Instant | undefined;
  /** Exclusive. */
  before?: Instant | undefined;
  /** What the action, the address, the user agent, the request id or the details hold, whatever the case. */
  q?: string | undefined;
}>;

export interface AuditReader {
  /**
   * The newest first. A filter that finds little ends a page early: a page may hold less than was asked for, or nothing, and still name a next
   * one.
   */
  list(account: AccountId, filter: AuditFilter, page: PageRequest): Promise<Page<LoggedEntry>>;
}
export const AuditReader = token<AuditReader>('AuditReader');
