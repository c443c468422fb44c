import type { FileKey } from '@coucou/domain/attachments/attachment';
import type { AccountId, Instant } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';

export type Bytes = AsyncIterable<Uint8Array>;
export type StoredFile = Readonly<{ key: FileKey; size: number; modifiedAt: Instant }>;
/** Both ends belong to it. */
export type ByteRange = Readonly<{ start: number; end: number }>;

/** Keeps bytes under keys. What goes wrong with the store itself is `SERVICE_UNAVAILABLE`. */
export interface FileStore {
  /** A key that was never used. */
  newKey(account: AccountId): FileKey;
  /**
   * Stores the whole body, or nothing: a body that fails or is cut off leaves no trace, and nobody sees half a file. Answers the size.
   * Throws `PAYLOAD_TOO_LARGE` as soon as there are more than `maxBytes`.
   */
  put(key: FileKey, body: Bytes, options: Readonly<{ maxBytes: number }>): Promise<number>;
  /** Undefined when there is none. The range must lie within the file. */
  get(key: FileKey, range?: ByteRange): Promise<Bytes | undefined>;
  head(key: FileKey): Promise<StoredFile | undefined>;
  /** Absent ones are no error. */
  delete(keys: readonly FileKey[]): Promise<void>;
  /** Everything there is, in no order; files that come or go meanwhile may be missed. */
  list(): AsyncIterable<StoredFile>;
}
export const FileStore = token<FileStore>('FileStore');
