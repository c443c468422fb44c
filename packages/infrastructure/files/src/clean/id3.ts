import type { Patch, Source } from './source.ts';

/** Sizes in ID3v2 have seven bits in each byte. */
const synchsafe = (bytes: Buffer, at: number): number =>
  [0, 1, 2, 3].reduce((size, index) => size * 128 + ((bytes[at + index] ?? 0) & 0x7f), 0);
const asSynchsafe = (size: number): number[] => [21, 14, 7, 0].map((shift) => (size >>> shift) & 0x7f);

/** Tags at the beginning become padding: an empty tag of the same length (ID3v2.4, 3.1 and 3.3). */
export async function leadingTags(source: Source): Promise<Readonly<{ patches: readonly Patch[]; end: number }>> {
  const patches: Patch[] = [];
  let at = 0;
  for (;;) {
    const head = await source.read(at, at + 10);
    if (head.length < 10 || head.toString('latin1', 0, 3) !== 'ID3') return { patches, end: at };
    const footer = ((head[5] ?? 0) & 0x10) === 0 ? 0 : 10;
    const end = Math.min(at + 10 + synchsafe(head, 6) + footer, source.size);
    const empty = Buffer.from(head);
    empty.set([0, ...asSynchsafe(end - at - 10)], 5);
    patches.push({ start: at, end: at + 10, bytes: empty }, { start: at + 10, end });
    at = end;
  }
}

/** Tags at the end: ID3v1, and APE before it. Zeros there are no sound. */
async function trailingTags(source: Source): Promise<Patch[]> {
  const patches: Patch[] = [];
  let end = source.size;
  if ((await source.read(end - 128, end - 125)).toString('latin1') === 'TAG') {
    patches.push({ start: end - 128, end });
    end -= 128;
  }
  const footer = end < 32 ? Buffer.alloc(0) : await source.read(end - 32, end);
  if (footer.toString('latin1', 0, 8) === 'APETAGEX') {
    const hasHeader = (footer.readUInt32LE(20) & 0x80000000) !== 0;
    patches.push({ start: Math.max(0, end - footer.readUInt32LE(12) - (hasHeader ? 32 : 0)), end });
  }
  return patches;
}

/** MP3 and AAC. */
export async function cleanTags(source: Source): Promise<readonly Patch[]> {
  const { patches } = await leadingTags(source);
  return source.size < 128 ? patches : [...patches, ...(await trailingTags(source))];
}
