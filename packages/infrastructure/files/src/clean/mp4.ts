import { type Box, boxesIn, boxHeader, childOf } from '../boxes.ts';
import { blockCounter, refuse } from '../image/bounds.ts';
import { cleanItems } from './heif.ts';
import { isTimedMetadata, samplesOf } from './mp4-track.ts';
import type { Patch, Source } from './source.ts';

/** Boxes that describe, and hold neither picture nor sound: user data, metadata, and extensions such as XMP. */
const told: ReadonlySet<string> = new Set(['udta', 'meta', 'uuid']);
/** Space that is free, where editors leave what they removed. */
const free: ReadonlySet<string> = new Set(['free', 'skip']);

/** The box becomes free space of the same size. `base` is where the bytes begin in the file. */
const erase = ({ start, body, end }: Box, base = 0): Patch[] => [
  { start: base + start + 4, end: base + start + 8, bytes: Buffer.from('free', 'latin1') },
  { start: base + body, end: base + end },
];

/** The movie box: what it and its tracks tell, and whole tracks of positions or sensors, samples included. */
function cleanMovie(bytes: Buffer, base: number, headerSize: number, count: () => void): Patch[] {
  const patches: Patch[] = [];
  const describe = (parent: Pick<Box, 'body' | 'end'>, inside: (box: Box) => void): void => {
    for (const box of boxesIn(bytes, parent.body, parent.end, count)) {
      if (told.has(box.type)) patches.push(...erase(box, base));
      else if (free.has(box.type)) patches.push({ start: base + box.body, end: base + box.end });
      else inside(box);
    }
  };
  describe({ body: headerSize, end: bytes.length }, (box) => {
    if (box.type !== 'trak') return;
    if (!isTimedMetadata(bytes, box, count)) return describe(box, () => {});
    patches.push(...erase(box, base), ...samplesOf(bytes, box, count));
  });
  return patches;
}

/** A box `meta` of the file itself: the items of a HEIF image, else a description. QuickTime writes it without version and flags. */
function cleanFileMeta(bytes: Buffer, box: Box, count: () => void): Readonly<{ patches: Patch[]; isImage: boolean }> {
  const inner = box.body - box.start + 4;
  const handler = childOf(bytes, { body: inner, end: bytes.length }, 'hdlr', count);
  const isImage = handler !== undefined && bytes.toString('latin1', handler.body + 8, handler.body + 12) === 'pict';
  return { isImage, patches: isImage ? cleanItems(bytes, inner, box.start, count) : erase(box) };
}

/** MP4, QuickTime and their kin. */
export const cleanMp4 = async (source: Source): Promise<readonly Patch[]> => (await clean(source)).patches;

/** HEIF. An image whose items cannot be found may tell anything: it is refused. */
export async function cleanHeif(source: Source): Promise<readonly Patch[]> {
  const { patches, images } = await clean(source);
  if (images !== 1) throw refuse('damaged');
  return patches;
}

async function clean(source: Source): Promise<Readonly<{ patches: Patch[]; images: number }>> {
  const count = blockCounter();
  const patches: Patch[] = [];
  let images = 0;
  for (let start = 0; start + 8 <= source.size; ) {
    count();
    const header = boxHeader(await source.read(start, start + 16), source.size - start);
    if (header === undefined) break;
    const box: Box = { type: header.type, start, body: start + header.headerSize, end: Math.min(start + header.size, source.size) };
    if (box.type === 'moov') patches.push(...cleanMovie(await source.read(start, box.end), start, header.headerSize, count));
    else if (box.type === 'meta') {
      const found = cleanFileMeta(await source.read(start, box.end), box, count);
      images += found.isImage ? 1 : 0;
      patches.push(...found.patches);
    } else if (told.has(box.type)) patches.push(...erase(box));
    else if (free.has(box.type)) patches.push({ start: box.body, end: box.end });
    start = box.end;
  }
  return { patches, images };
}
