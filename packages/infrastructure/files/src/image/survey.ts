import { surveyAvif } from './avif.ts';
import { MOST_FRAMES, refuse, type Survey } from './bounds.ts';
import { surveyGif } from './gif.ts';
import { surveyJpeg } from './jpeg.ts';
import { surveyPng } from './png.ts';
import { surveyWebp } from './webp.ts';

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif';

const surveys: Readonly<Record<ImageFormat, (bytes: Buffer) => Survey>> = {
  jpeg: surveyJpeg,
  png: surveyPng,
  webp: surveyWebp,
  gif: surveyGif,
  avif: surveyAvif,
};

const formats: Readonly<Record<string, ImageFormat>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'avif',
};

type Bounds = Readonly<{
  /** Pixels of all frames together. */
  pixels: number;
  /** From so many weighted pixels on, only one image is decoded at a time. */
  heavy: number;
}>;

/** Measured: docs/adr/2026-11-29-untrusted-images.md has the table. */
const bounds: Readonly<Record<ImageFormat, Bounds>> = {
  jpeg: { pixels: 50_000_000, heavy: 16_000_000 },
  png: { pixels: 50_000_000, heavy: 16_000_000 },
  webp: { pixels: 50_000_000, heavy: 8_000_000 },
  gif: { pixels: 36_000_000, heavy: 8_000_000 },
  avif: { pixels: 16_000_000, heavy: 2_000_000 },
};

export type SurveyedImage = Survey & Readonly<{ format: ImageFormat; heavy: boolean }>;

/**
 * Reads the headers of an image in one pass over its blocks. Throws `ATTACHMENT_TYPE_REFUSED` for what is larger than this server
 * decodes (`pixels`, `frames`), has more blocks than an image needs (`structure`), or is no image of its type (`damaged`).
 */
export function survey(image: Uint8Array, type: string): SurveyedImage {
  const format = formats[type];
  if (format === undefined) throw refuse('image', { type });
  const found = surveys[format](Buffer.from(image.buffer, image.byteOffset, image.byteLength));
  const { width, height, frames, weight } = found;
  const { pixels: most, heavy } = bounds[format];
  if (width < 1 || height < 1) throw refuse('damaged', { type });
  if (frames > MOST_FRAMES) throw refuse('frames', { most: MOST_FRAMES });
  const pixels = width * height * frames;
  if (pixels * weight > most) throw refuse('pixels', { most: Math.floor(most / weight), width, height, ...(frames > 1 ? { frames } : {}) });
  return { ...found, format, heavy: pixels * weight > heavy };
}
