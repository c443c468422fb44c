import { blockCounter } from '../image/bounds.ts';
import type { Patch, Source } from './source.ts';

/** Programs add a tag of their own kind, not hundreds. */
const MOST_TAGS = 100;
/** Of Lyrics3 before its second version, which says no size: 5,100 bytes and what marks them. */
const MOST_LYRICS = 5_120;

const ID3V1 = 128;
const emptyTag = Buffer.alloc(ID3V1);
emptyTag.write('TAG', 'latin1');
// The genre is none.
emptyTag[ID3V1 - 1] = 255;

/** Sizes in ID3v2 have seven bits in each byte. */
const synchsafe = (bytes: Buffer, at: number): number =>
  [0, 1, 2, 3].reduce((size, index) => size * 128 + ((bytes[at + index] ?? 0) & 0x7f), 0);
const asSynchsafe = (size: number): number[] => [21, 14, 7, 0].map((shift) => (size >>> shift) & 0x7f);

/** Tags at the beginning become padding: an empty tag of the same length (ID3v2.4, 3.1 and 3.3). */
export async function leadingTags(source: Source): Promise<Readonly<{ patches: readonly Patch[]; end: number }>> {
  const patches: Patch[] = [];
  const tag = blockCounter(MOST_TAGS);
  let at = 0;
  for (;;) {
    const head = await source.read(at, at + 10);
    if (head.length < 10 || head.toString('latin1', 0, 3) !== 'ID3') return { patches, end: at };
    tag();
    const footer = ((head[5] ?? 0) & 0x10) === 0 ? 0 : 10;
    const end = Math.min(at + 10 + synchsafe(head, 6) + footer, source.size);
    const empty = Buffer.from(head);
    empty.set([0, ...asSynchsafe(end - at - 10)], 5);
    patches.push({ start: at, end: at + 10, bytes: empty }, { start: at + 10, end });
    at = end;
  }
}

/** Where the tag begins that ends here, if one does: ID3v2 with its footer, ID3v1 and what extends it, APE, Lyrics3. */
async function tagBefore(source: Source, end: number): Promise<number | undefined> {
  const text = async (from: number, to: number): Promise<string> =>
    from > end ? '' : (await source.read(end - from, end - to)).toString('latin1');
  if ((await text(ID3V1, ID3V1 - 3)) === 'TAG') return end - ID3V1;
  if ((await text(227, 223)) === 'TAG+') return end - 227;
  if ((await text(9, 0)) === 'LYRICS200') return end - 15 - Number.parseInt(await text(15, 9), 10);
  if ((await text(9, 0)) === 'LYRICSEND') {
    const start = (await source.read(Math.max(0, end - MOST_LYRICS), end)).lastIndexOf('LYRICSBEGIN');
    return start === -1 ? undefined : Math.max(0, end - MOST_LYRICS) + start;
  }
  if ((await text(10, 7)) === '3DI') return end - 20 - synchsafe(await source.read(end - 10, end), 6);
  if ((await text(32, 24)) !== 'APETAGEX') return undefined;
  const footer = await source.read(end - 32, end);
  const hasHeader = (footer.readUInt32LE(20) & 0x80000000) !== 0;
  return end - footer.readUInt32LE(12) - (hasHeader ? 32 : 0);
}

/** Tags at the end, one before the other. Zeros there are no sound. */
async function trailingTags(source: Source): Promise<Patch[]> {
  const tag = blockCounter(MOST_TAGS);
  let start = source.size;
  for (;;) {
    const found = await tagBefore(source, start);
    if (found === undefined || Number.isNaN(found) || found >= start) break;
    tag();
    start = Math.max(0, found);
  }
  if (start === source.size) return [];
  // Decoders take zeros at the very end for damage, and know an empty tag.
  return [
    { start, end: source.size },
    ...(source.size - start < ID3V1 ? [] : [{ start: source.size - ID3V1, end: source.size, bytes: emptyTag }]),
  ];
}

/** MP3 and AAC. */
export async function cleanTags(source: Source): Promise<readonly Patch[]> {
  const { patches } = await leadingTags(source);
  return [...patches, ...(await trailingTags(source))];
}
