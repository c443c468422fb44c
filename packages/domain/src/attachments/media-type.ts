/** Images that are safe to show: they are re-encoded here, so that they hold nothing but pixels. */
const images: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif']);

/**
 * Images that are kept as files: not shown in place, since they come as they were sent. HEIC, which this server cannot decode, loses
 * what describes it; BMP has no place for such things.
 */
const imageFiles: ReadonlySet<string> = new Set(['image/heic', 'image/heif', 'image/heic-sequence', 'image/heif-sequence', 'image/bmp']);

/** Types that browsers or systems execute, and containers that can hide such content. */
const active: ReadonlySet<string> = new Set([
  'text/html',
  'application/xhtml+xml',
  'image/svg+xml',
  'application/xml',
  'text/xml',
  'multipart/related',
  'application/x-mimearchive',
  'application/x-shockwave-flash',
  'application/vnd.microsoft.portable-executable',
  'application/x-msdownload',
  'application/x-elf',
  'application/x-mach-binary',
  'application/x-ms-shortcut',
  'application/x-msi',
  'application/java-vm',
  'application/wasm',
]);

const plain: ReadonlySet<string> = new Set(['application/pdf', 'application/zip', 'application/gzip', 'text/plain']);

export type Refusal = 'active' | 'image';

/**
 * Why files of this type (detected from the content, never taken from the client) are refused. Images that can be neither re-encoded
 * nor cleaned are refused too (TIFF, raw photos, JPEG XL …), since what they tell of place and device would remain.
 */
function refusal(type: string): Refusal | undefined {
  if (active.has(type) || type.endsWith('+xml')) return 'active';
  return type.startsWith('image/') && !images.has(type) && !imageFiles.has(type) ? 'image' : undefined;
}

const isImage = (type: string): boolean => images.has(type);

/** The media type to serve: anything not known to be inert is `application/octet-stream`. */
const served = (type: string): string =>
  images.has(type) || imageFiles.has(type) || plain.has(type) || /^(audio|video)\//.test(type) ? type : 'application/octet-stream';

export const MediaType = { refusal, isImage, served };
