import { token } from '../kernel/token.ts';

export type EncodedImage = Readonly<{ body: Uint8Array; width: number; height: number; thumbnail: Uint8Array }>;

/** Looks at content. */
export interface FileScreen {
  /** How many of the first bytes `identify` looks at. */
  readonly headBytes: number;
  /** The media type that the content has, by its beginning. */
  identify(head: Uint8Array): Promise<string>;
  /**
   * Encodes an image anew, as the same type, without anything but its pixels, upright; and a small WebP of it. Dimensions are checked
   * before a pixel is decoded. Throws `ATTACHMENT_TYPE_REFUSED` for what is damaged, of another type or too large to decode, and
   * `OVERLOADED` when too many wait. `image` is asked for when its turn has come: what waits takes no memory.
   */
  encodeAnew(image: () => Promise<Uint8Array>, type: string): Promise<EncodedImage>;
}
export const FileScreen = token<FileScreen>('FileScreen');
