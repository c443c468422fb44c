import type { EncodedImage, FileScreen } from '@coucou/application/ports/file-screen';
import { attachmentErrors } from '@coucou/domain/attachments/attachment';
import { errors } from '@coucou/domain/kernel/errors';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { HEAD_BYTES, identify } from './identify.ts';

/** A photo of 48 megapixels passes; decoded, and with all frames of an animation, it stays below 200 MB. */
const MOST_PIXELS = 50_000_000;
const MOST_FRAMES = 500;
const THUMBNAIL = 512;
/** Timeout of image processing, against decompression attacks. */
const SECONDS = 20;

const formats: Readonly<Record<string, 'jpeg' | 'png' | 'webp' | 'gif' | 'avif'>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'avif',
};

/** libvips by default caches what it opened and uses all cores: neither suits a server that decodes untrusted images. */
function tame(): void {
  sharp.cache(false);
  sharp.concurrency(1);
  // The library could decode more, such as SVG and PDF.
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].map((format) => `VipsForeignLoad${format}Buffer`) });
}

const refuse = (reason: string, details: object = {}) => attachmentErrors.ATTACHMENT_TYPE_REFUSED({ reason, ...details });

export type ScreenOptions = Readonly<{
  /** Images read and decoded at once: each takes a core and up to 200 MB. */
  concurrency?: number;
  /** Images that may wait. */
  queueLimit?: number;
}>;

export function createFileScreen({ concurrency = 2, queueLimit = 50 }: ScreenOptions = {}): FileScreen {
  tame();
  let running = 0;
  const waiting: (() => void)[] = [];
  const limited = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= concurrency) {
      if (waiting.length >= queueLimit) throw errors.OVERLOADED({ what: 'images' });
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
  return { headBytes: HEAD_BYTES, identify, reencode: (image, type) => limited(async () => reencode(await image(), type)) };
}

async function reencode(image: Uint8Array, type: string): Promise<EncodedImage> {
  const format = formats[type];
  const metadata = await readMetadata(image);
  // AVIF is one of the types in a HEIF container; the others hold what this build cannot decode.
  const actual = metadata.format === 'heif' && metadata.compression === 'av1' ? 'avif' : metadata.format;
  if (format === undefined || actual !== format) throw refuse('content', { type });
  const frames = requireDimensions(metadata);
  try {
    const open = (animated: boolean) =>
      sharp(image, { animated, limitInputPixels: MOST_PIXELS, failOn: 'error', sequentialRead: true }).timeout({ seconds: SECONDS });
    const whole = frames > 1 ? open(true) : open(false).autoOrient();
    const { data: body, info } = await encode(whole, format, metadata).toBuffer({ resolveWithObject: true });
    const thumbnail = await open(false)
      .autoOrient()
      .resize(THUMBNAIL, THUMBNAIL, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 78 })
      .toBuffer();
    return { body, width: info.width, height: info.pageHeight ?? info.height, thumbnail };
  } catch (error) {
    throw attachmentErrors.ATTACHMENT_TYPE_REFUSED({ reason: 'damaged', type }, { cause: error });
  }
}

/** Reads the header alone: no pixel is decoded. */
async function readMetadata(image: Uint8Array): Promise<Metadata> {
  try {
    return await sharp(image, { limitInputPixels: false }).metadata();
  } catch {
    throw refuse('damaged');
  }
}

function requireDimensions({ width, height, pages = 1 }: Metadata): number {
  if (pages > MOST_FRAMES) throw refuse('frames', { most: MOST_FRAMES, frames: pages });
  if (width * height * pages > MOST_PIXELS)
    throw refuse('pixels', { most: MOST_PIXELS, width, height, ...(pages > 1 ? { frames: pages } : {}) });
  return pages;
}

/** Pixels only: sharp drops EXIF, XMP, IPTC and comments by default; colours become sRGB. */
function encode(image: Sharp, format: 'jpeg' | 'png' | 'webp' | 'gif' | 'avif', { isPalette }: Metadata): Sharp {
  switch (format) {
    case 'jpeg':
      return image.jpeg({ quality: 85 });
    case 'png':
      return image.png({ palette: isPalette });
    case 'webp':
      return image.webp({ quality: 85 });
    case 'gif':
      return image.gif();
    case 'avif':
      return image.avif({ quality: 60, effort: 2 });
  }
}
