import type { Id, UserId } from '../kernel/ids.ts';

export type ExportId = Id<'export'>;

/** Exports under way: one at a time of one person, on all nodes, by leases that end by themselves. Times are those of the database. */
export interface ExportRepository {
  /** False while another export of this person's data has its lease. */
  begin(person: UserId, id: ExportId, seconds: number): Promise<boolean>;
  /** False when the lease was lost to another. */
  renew(person: UserId, id: ExportId, seconds: number): Promise<boolean>;
  end(person: UserId, id: ExportId): Promise<void>;
}
