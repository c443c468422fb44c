import { type Box, boxesIn, boxHeader, childOf } from '../boxes.ts';
import { blockCounter, refuse } from '../image/bounds.ts';
import { cleanItems } from './heif.ts';
import { isTimedMetadata, samplesOf } from './mp4-track.ts';
import type { Patch, Source } from './source.ts';

/**
 * Boxes of the file that hold pictures and sound, or say where they lie. Any other becomes free space: user data, metadata, extensions
 * such as XMP, what cameras add on their own, and what editors left behind.
 */
const needed: ReadonlySet<string> = new Set('ftyp,styp,moov,moof,mfra,sidx,ssix,mdat,imda,wide'.split(','));
/** The same in the box of the movie. */
const neededInMovie: ReadonlySet<string> = new Set('mvhd,iods,trak,mvex,pssh,cmov,rmra,rmda'.split(','));
/** The boxes of tracks and fragments that a player needs; all others may hold metadata. */
const told: ReadonlySet<string> = new Set(['udta', 'meta', 'uuid', 'free', 'skip']);
/** Boxes with boxes inside that may describe. */
const parents: ReadonlySet<string> = new Set(['mdia', 'minf']);
/** The film of a HEIC picture that moves: a file of its own inside the file. */
const MOTION = 'mpvd';

/** The box becomes free space of the same size. `base` is where the bytes begin in the file. */
const erase = ({ start, body, end }: Box, base = 0): Patch[] => [
  { start: base + start + 4, end: base + start + 8, bytes: Buffer.from('free', 'latin1') },
  { start: base + body, end: base + end },
];

/** Metadata inside a box that is kept. */
function* toldIn(bytes: Buffer, parent: Pick<Box, 'body' | 'end'>, base: number, count: () => void): Generator<Patch> {
  for (const box of boxesIn(bytes, parent.body, parent.end, count)) {
    if (told.has(box.type)) yield* erase(box, base);
    else if (parents.has(box.type)) yield* toldIn(bytes, box, base, count);
  }
}

/** The movie box: what it and its tracks tell, and whole tracks of positions or sensors, samples included. */
function* toldInMovie(bytes: Buffer, base: number, headerSize: number, count: () => void): Generator<Patch> {
  for (const box of boxesIn(bytes, headerSize, bytes.length, count)) {
    const isSensor = box.type === 'trak' && isTimedMetadata(bytes, box, count);
    if (isSensor) yield* samplesOf(bytes, box, count);
    if (isSensor || !neededInMovie.has(box.type)) yield* erase(box, base);
    else if (box.type === 'trak') yield* toldIn(bytes, box, base, count);
    if (box.type === 'gps ') yield* placesIn(bytes, box, count);
  }
}

/** Positions of a dashboard camera, which lie among the pictures: a list of their places and sizes. */
function* placesIn(bytes: Buffer, { body, end }: Box, count: () => void): Generator<Patch> {
  for (let at = body + 8; at + 8 <= end; at += 8) {
    count();
    const start = bytes.readUInt32BE(at);
    yield { start, end: start + bytes.readUInt32BE(at + 4) };
  }
}

/** Fragments keep their boxes `uuid`: they say how samples are encrypted, and when they are to be shown. */
function* toldInFragment(bytes: Buffer, base: number, headerSize: number, count: () => void): Generator<Patch> {
  for (const patch of boxesOfFragment(bytes, headerSize, count)) yield* erase(patch, base);
}

function* boxesOfFragment(bytes: Buffer, from: number, count: () => void, to = bytes.length): Generator<Box> {
  for (const box of boxesIn(bytes, from, to, count)) {
    if (box.type === 'traf') yield* boxesOfFragment(bytes, box.body, count, box.end);
    else if (told.has(box.type) && box.type !== 'uuid') yield box;
  }
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

/** `inside`: the file is part of another. */
async function clean(source: Source, count = blockCounter(), inside = false): Promise<Readonly<{ patches: Patch[]; images: number }>> {
  const patches: Patch[] = [];
  const add = (found: Iterable<Patch>): void => {
    for (const patch of found) patches.push(patch);
  };
  let images = 0;
  for (let start = 0; start + 8 <= source.size; ) {
    count();
    const header = boxHeader(await source.read(start, start + 16), source.size - start);
    if (header === undefined) break;
    const box: Box = { type: header.type, start, body: start + header.headerSize, end: Math.min(start + header.size, source.size) };
    const whole = () => source.read(start, box.end);
    if (box.type === 'moov') add(toldInMovie(await whole(), start, header.headerSize, count));
    else if (box.type === 'moof') add(toldInFragment(await whole(), start, header.headerSize, count));
    else if (box.type === 'meta') {
      const found = cleanFileMeta(await whole(), box, count);
      images += found.isImage ? 1 : 0;
      add(found.patches);
    } else if (box.type === MOTION && !inside) add(await cleanInside(source, box, count));
    else if (!needed.has(box.type)) add(erase(box));
    start = box.end;
  }
  return { patches, images };
}

async function cleanInside({ read }: Source, { body, end }: Box, count: () => void): Promise<Patch[]> {
  const inner: Source = { size: end - body, read: (from, to) => read(body + from, Math.min(body + to, end)) };
  const { patches } = await clean(inner, count, true);
  return patches.map((patch) => ({ ...patch, start: body + patch.start, end: body + patch.end }));
}
