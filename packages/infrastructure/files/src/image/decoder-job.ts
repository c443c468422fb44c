import type { ImageFormat } from './survey.ts';

/** What the decoder's process is asked. */
export type DecoderJob = Readonly<{
  image: Uint8Array;
  format: ImageFormat;
  /** Of all frames together, as surveyed: more are not decoded. */
  pixels: number;
  frames: number;
  /** Resident bytes of the process. */
  memoryBytes: number;
}>;

export type DecoderAnswer =
  | Readonly<{ ok: true; body: Uint8Array; width: number; height: number; thumbnail: Uint8Array; rss: number }>
  | Readonly<{ ok: false; reason: 'content' | 'damaged'; cause?: string }>;

/** Exit code of a process that reached its memory limit. */
export const OVER_MEMORY = 70;
