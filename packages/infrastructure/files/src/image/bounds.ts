import { attachmentErrors } from '@coucou/domain/attachments/attachment';

/** What an image says of itself, found without decoding anything. */
export type Survey = Readonly<{
  width: number;
  height: number;
  frames: number;
  /** Relative cost of a pixel, in memory: 1 is the usual image of its format. */
  weight: number;
  /** The image without what a decoder need not see. */
  essential: Uint8Array;
}>;

export const refuse = (reason: string, details: object = {}) => attachmentErrors.ATTACHMENT_TYPE_REFUSED({ reason, ...details });

/** Colour profiles and orientation are kept for the decoder up to these sizes, in bytes. */
export const MOST_PROFILE = 1_048_576;
export const MOST_EXIF = 65_536;

/** Blocks of an image that are looked at. Real images have some thousands; more of them cost time and hold nothing. */
const MOST_BLOCKS = 300_000;

/** Call for every block: throws when there are too many. */
export function blockCounter(most = MOST_BLOCKS): () => void {
  let blocks = 0;
  return () => {
    blocks += 1;
    if (blocks > most) throw refuse('structure', { most });
  };
}

export const MOST_FRAMES = 500;
/** Beyond this the count of frames says enough. */
export const tooManyFrames = (frames: number): boolean => frames > MOST_FRAMES;
