import { token } from '../kernel/token.ts';

export type EncodedImage = Readonly<{ body: Uint8Array; width: number; height: number; thumbnail: Uint8Array }>;

/** Inspects file contents. */
export interface FileScreen {
  /** How many of the first bytes `identify` looks at. */
  readonly headBytes: number;
  /** The media type, detected from the first bytes. */
  identify(head: Uint8Array): Promise<string>;
  /**
   * Re-encodes an image as the same type, upright and without metadata; and a small WebP thumbnail. Dimensions are checked
   * before a pixel is decoded. Throws `ATTACHMENT_TYPE_REFUSED` for what is damaged, of another type or too large to decode, and
   * `OVERLOADED` when too many wait. `image` is called when its turn has come, so that waiting uses no memory.
   */
  reencode(image: () => Promise<Uint8Array>, type: string): Promise<EncodedImage>;
}
export const FileScreen = token<FileScreen>('FileScreen');
