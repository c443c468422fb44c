/** Images that are safe to show: they are encoded anew here, so that nothing is in them but pixels. */
const images: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif']);

/** What browsers or systems run, and what can hide it. */
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
 * Why files of this type (found in the content, never believed from a client) are not taken. Images that cannot be encoded anew are
 * not taken either: what they tell of place and device would stay in them.
 */
function refusal(type: string): Refusal | undefined {
  if (active.has(type) || type.endsWith('+xml')) return 'active';
  return type.startsWith('image/') && !images.has(type) ? 'image' : undefined;
}

const isImage = (type: string): boolean => images.has(type);

/** What a file is called when it is served: anything that is not known to be inert is only bytes. */
const served = (type: string): string =>
  images.has(type) || plain.has(type) || /^(audio|video)\//.test(type) ? type : 'application/octet-stream';

export const MediaType = { refusal, isImage, served };
