import { type Box, boxesIn } from '../boxes.ts';
import { refuse } from '../image/bounds.ts';
import type { Patch } from './source.ts';

/** Items that describe: EXIF, XMP (a `mime` item), and what only a URI names. Pictures are items too. */
const told: ReadonlySet<string> = new Set(['Exif', 'mime', 'uri ']);
/** Boxes beside them that do so without an item. */
const described: ReadonlySet<string> = new Set(['xml ', 'bxml', 'uuid', 'udta', 'free', 'skip']);
const MOST_EXTENTS = 100_000;

/** Reads numbers one after the other. */
function reader(bytes: Buffer, from: number, end: number) {
  let at = from;
  return (size: number): number => {
    if (size === 0) return 0;
    if (at + size > end) throw refuse('damaged');
    const value = size === 8 ? Number(bytes.readBigUInt64BE(at)) : bytes.readUIntBE(at, size);
    at += size;
    return value;
  };
}

/** Ids of the items to erase (`iinf`, ISO/IEC 14496-12, 8.11.6). */
function toldItems(bytes: Buffer, list: Box, count: () => void): Set<number> {
  const found = new Set<number>();
  const from = list.body + (bytes[list.body] === 0 ? 6 : 8);
  for (const { type, body, end } of boxesIn(bytes, from, list.end, count)) {
    const version = bytes[body] ?? 0;
    if (type !== 'infe' || version < 2 || end - body < 12) continue;
    const wide = version > 2;
    const kind = bytes.toString('latin1', body + (wide ? 10 : 8), body + (wide ? 14 : 12));
    if (told.has(kind)) found.add(wide ? bytes.readUInt32BE(body + 4) : bytes.readUInt16BE(body + 4));
  }
  return found;
}

/** Overwrites the items of a HEIF image that describe it, where `iloc` (8.11.3) says they lie: in the file, or in the box `idat`. */
export function cleanItems(bytes: Buffer, from: number, base: number, count: () => void): Patch[] {
  const boxes = new Map([...boxesIn(bytes, from, bytes.length, count)].map((box) => [box.type, box]));
  const [list, places, data] = [boxes.get('iinf'), boxes.get('iloc'), boxes.get('idat')];
  if (list === undefined || places === undefined) throw refuse('damaged');
  const items = toldItems(bytes, list, count);
  const version = bytes[places.body] ?? 0;
  const next = reader(bytes, places.body + 4, places.end);
  const [offsets, bases] = [next(1), next(1)];
  const [offsetSize, lengthSize, baseSize, indexSize] = [offsets >> 4, offsets & 15, bases >> 4, version > 0 ? bases & 15 : 0];
  const patches: Patch[] = [...boxesIn(bytes, from, bytes.length, count)]
    .filter(({ type }) => described.has(type))
    .map(({ body, end }) => ({ start: base + body, end: base + end }));
  let extents = 0;
  for (let left = next(version < 2 ? 2 : 4); left > 0; left -= 1) {
    const id = next(version < 2 ? 2 : 4);
    const method = version > 0 ? next(2) & 15 : 0;
    next(2);
    const start = next(baseSize);
    for (let extent = next(2); extent > 0; extent -= 1) {
      extents += 1;
      if (extents > MOST_EXTENTS) throw refuse('structure', { most: MOST_EXTENTS });
      next(indexSize);
      const offset = start + next(offsetSize);
      const length = next(lengthSize);
      if (!items.has(id) || method > 1) continue;
      const origin = method === 0 ? 0 : base + (data?.body ?? 0);
      // A length of 0 is the whole of the file, which holds the picture too.
      if (length === 0) throw refuse('damaged');
      patches.push({ start: origin + offset, end: origin + offset + length });
    }
  }
  return patches;
}
