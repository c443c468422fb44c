import { token } from '../kernel/token.ts';
import type { Instant } from '@coucou/domain/kernel/ids';
import type { Bytes } from './file-store.ts';

export type ArchiveEntry = Readonly<{
  /** A path of ASCII letters, digits and `-_./`. */
  name: string;
  modifiedAt: Instant;
  /** Text, or exactly `size` bytes. */
  content: string | Readonly<{ size: number; body: Bytes }>;
}>;

/** Makes archives while they are sent. */
export interface Archives {
  /** As `application/gzip`: what its names should end in. */
  readonly extension: string;
  /**
   * The archive of these entries, which are taken one by one as the bytes are: what waits in memory does not depend on how many there are.
   * When the entries fail so do the bytes, and when nobody wants more bytes the entries are ended.
   */
  pack(entries: AsyncIterable<ArchiveEntry>): Bytes;
}
export const Archives = token<Archives>('Archives');
