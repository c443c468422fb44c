import { writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { type DecoderAnswer, type DecoderJob, OVER_MEMORY } from './decoder-job.ts';

/** A process of its own, in which images are decoded: it ends itself at its memory limit, and its parent ends it at the deadline. */

const THUMBNAIL = 512;
const WATCH_MS = 20;

/** libvips by default caches what it opened and uses all cores: neither suits a decoder of untrusted images. */
function tame(): void {
  sharp.cache(false);
  sharp.concurrency(1);
  // The library could decode more, such as SVG and PDF.
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: ['Jpeg', 'Png', 'Webp', 'Nsgif', 'Heif'].map((format) => `VipsForeignLoad${format}Buffer`) });
}

/** Chat goes first, and when the machine runs out of memory, the kernel ends this process before any other. */
function stepBack(): void {
  try {
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Not on this system.
  }
}

async function reencode({ image, format, pixels, frames }: DecoderJob): Promise<DecoderAnswer> {
  const metadata = await sharp(image, { limitInputPixels: false }).metadata();
  // AVIF is one of the types in a HEIF container; the others hold what this build cannot decode.
  const actual = metadata.format === 'heif' && metadata.compression === 'av1' ? 'avif' : metadata.format;
  if (actual !== format) return { ok: false, reason: 'content' };
  const { width, height, pages = 1 } = metadata;
  // The decoder reads another size than the survey: one of them is deceived.
  if (width * height > pixels || (frames > 1 && pages > frames)) return { ok: false, reason: 'damaged' };
  const open = (animated: boolean) => sharp(image, { animated, limitInputPixels: pixels, failOn: 'error', sequentialRead: true });
  const whole = frames > 1 && pages > 1 ? open(true) : open(false).autoOrient();
  const { data: body, info } = await encode(whole, format, metadata).toBuffer({ resolveWithObject: true });
  const thumbnail = await open(false)
    .autoOrient()
    .resize(THUMBNAIL, THUMBNAIL, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 78 })
    .toBuffer();
  return { ok: true, body, width: info.width, height: info.pageHeight ?? info.height, thumbnail, rss: process.memoryUsage.rss() };
}

/** Pixels only: sharp drops EXIF, XMP, IPTC and comments by default; colours become sRGB. */
function encode(image: Sharp, format: DecoderJob['format'], { isPalette }: Metadata): Sharp {
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

async function answer(job: DecoderJob): Promise<void> {
  // The work is done by other threads, so this one sees the memory grow.
  const watch = setInterval(() => {
    if (process.memoryUsage.rss() > job.memoryBytes) process.exit(OVER_MEMORY);
  }, WATCH_MS);
  const done = await reencode(job).catch((error: unknown): DecoderAnswer => ({ ok: false, reason: 'damaged', cause: String(error) }));
  clearInterval(watch);
  process.send?.(done);
}

tame();
stepBack();
process.on('message', (job) => void answer(job as DecoderJob));
process.on('disconnect', () => process.exit());
