import type { AttachmentId, Instant, UserId } from '../kernel/ids.ts';
import type { Attachment, FileKey } from './attachment.ts';

export interface AttachmentRepository {
  /** Bytes used by a user's files, announced ones included. Locks the user, so that the sum holds until the transaction ends. */
  lockUsage(owner: UserId): Promise<number>;
  lookup(id: AttachmentId): Promise<Attachment | undefined>;
  /** Locks the row; after `lockUsage`, never before. */
  lock(id: AttachmentId): Promise<Attachment | undefined>;
  add(attachment: Attachment): Promise<void>;
  update(attachment: Attachment): Promise<void>;
  remove(id: AttachmentId): Promise<void>;
  /**
   * Removes rows, at most `limit`, and answers them: uploads announced before `pendingBefore`, and files that no live message uses
   * and that are older than `unusedBefore`. What others hold is passed over.
   */
  removeExpired(filter: Readonly<{ pendingBefore: Instant; unusedBefore: Instant; limit: number }>): Promise<Attachment[]>;
  /** As `removeExpired` would, without removing. */
  countExpired(filter: Readonly<{ pendingBefore: Instant; unusedBefore: Instant }>): Promise<number>;
  /** Which of these some row names. */
  knownKeys(keys: readonly FileKey[]): Promise<ReadonlySet<FileKey>>;
  /** Ready ones by id, from the one after `after`. */
  listReady(after: AttachmentId | undefined, limit: number): Promise<Attachment[]>;
}
