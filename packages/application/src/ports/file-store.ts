import type { FileKey } from '@coucou/domain/attachments/attachment';
import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

export type Bytes = AsyncIterable<Uint8Array>;
export type StoredFile = Readonly<{ key: FileKey; size: number; modifiedAt: Instant }>;
/** First and last byte, inclusive. */
export type ByteRange = Readonly<{ start: number; end: number }>;

/** Stores bytes under keys. Failures of the store itself throw `SERVICE_UNAVAILABLE`. */
export interface FileStore {
  /** A key that was never used. `archive`: of what nobody uploaded; `list` leaves it out. */
  newKey(account: AccountId, purpose?: 'archive'): FileKey;
  /**
   * Atomic: stores the whole body or nothing; a failed body leaves no file, and no partial file is visible. Answers the size.
   * Throws `PAYLOAD_TOO_LARGE` as soon as there are more than `maxBytes`.
   */
  put(key: FileKey, body: Bytes, options: Readonly<{ maxBytes: number }>): Promise<number>;
  /** Undefined when there is none. The range must lie within the file. */
  get(key: FileKey, range?: ByteRange): Promise<Bytes | undefined>;
  head(key: FileKey): Promise<StoredFile | undefined>;
  /** Idempotent. */
  delete(keys: readonly FileKey[]): Promise<void>;
  /** All files but archives, unordered; concurrent changes may be missed. */
  list(): AsyncIterable<StoredFile>;
}
export const FileStore = token<FileStore>('FileStore');
