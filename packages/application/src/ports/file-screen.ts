import type { UserId } from '@coucou/domain/kernel/ids';
import { token } from '../kernel/token.ts';
import type { Bytes } from './file-store.ts';

export type EncodedImage = Readonly<{ body: Uint8Array; width: number; height: number; thumbnail: Uint8Array }>;

/** A stored file; `end` is exclusive. */
export type ReadableFile = Readonly<{ size: number; read(start: number, end: number): Promise<Uint8Array> }>;

/** Inspects file contents. */
export interface FileScreen {
  /** How many of the first bytes `identify` looks at. */
  readonly headBytes: number;
  /** The media type, detected from the first bytes. */
  identify(head: Uint8Array): Promise<string>;
  /**
   * Removes the metadata (place, time, author, device) of a file that is stored without re-encoding, as far as its container is known.
   * Answers what makes clean bytes out of its bytes, of the same length; undefined when nothing is to be done. Throws
   * `ATTACHMENT_TYPE_REFUSED` when it cannot tell.
   */
  clean(file: ReadableFile, type: string): Promise<((bytes: Bytes) => Bytes) | undefined>;
  /**
   * Re-encodes an image as the same type, upright and without metadata; and a small WebP thumbnail. Dimensions are checked
   * before a pixel is decoded. Throws `ATTACHMENT_TYPE_REFUSED` for what is damaged, of another type or too large to decode, and
   * `OVERLOADED` when too many wait, `TIMEOUT` when it takes too long: that says nothing of the image. People take turns. `image` is
   * called when its turn has come, once or twice, so that waiting uses no memory.
   */
  reencode(image: () => Promise<Uint8Array>, type: string, person: UserId): Promise<EncodedImage>;
}
export const FileScreen = token<FileScreen>('FileScreen');
