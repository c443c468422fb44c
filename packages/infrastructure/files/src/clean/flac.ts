import { leadingTags } from './id3.ts';
import type { Patch, Source } from './source.ts';

const PADDING = 1;
/** Application data, comments, pictures (RFC 9639, 8). */
const told: ReadonlySet<number> = new Set([2, 4, 6]);
const MOST_BLOCKS = 10_000;

/** Metadata blocks become padding of the same length. */
export async function cleanFlac(source: Source): Promise<readonly Patch[]> {
  const tags = await leadingTags(source);
  const patches = [...tags.patches];
  if ((await source.read(tags.end, tags.end + 4)).toString('latin1') !== 'fLaC') return patches;
  let at = tags.end + 4;
  for (let block = 0; block < MOST_BLOCKS; block += 1) {
    const head = await source.read(at, at + 4);
    if (head.length < 4) break;
    const [first, end] = [head.readUInt8(0), at + 4 + head.readUIntBE(1, 3)];
    if (told.has(first & 0x7f))
      patches.push({ start: at, end: at + 1, bytes: Uint8Array.of((first & 0x80) | PADDING) }, { start: at + 4, end });
    if ((first & 0x80) !== 0) break;
    at = end;
  }
  return patches;
}
