/** A box of the ISO base media file format (ISO/IEC 14496-12, 4.2): MP4, QuickTime, HEIF, AVIF. Positions are in the bytes given. */
export type Box = Readonly<{ type: string; start: number /** Behind its header. */; body: number; end: number }>;

/**
 * The boxes that follow each other from one position to another. Lenient: a box that is larger than its parent ends with it, and bytes
 * that are no box end the walk. `count` is called for each.
 */
export function* boxesIn(bytes: Buffer, from: number, to: number, count: () => void): Generator<Box> {
  for (let start = from; start + 8 <= to; ) {
    count();
    const header = boxHeader(bytes.subarray(start, Math.min(start + 16, to)), to - start);
    if (header === undefined) return;
    const { type, size, headerSize } = header;
    const end = Math.min(start + size, to);
    yield { type, start, body: start + headerSize, end };
    start = end;
  }
}

/** Reads a header of 8 or 16 bytes; undefined when it is none. `rest` is the size of a box that reaches to the end. */
export function boxHeader(head: Buffer, rest: number): Readonly<{ type: string; size: number; headerSize: number }> | undefined {
  if (head.length < 8) return undefined;
  const [small, type] = [head.readUInt32BE(0), head.toString('latin1', 4, 8)];
  if (small === 1 && head.length < 16) return undefined;
  const headerSize = small === 1 ? 16 : 8;
  const size = small === 1 ? Number(head.readBigUInt64BE(8)) : small === 0 ? rest : small;
  return size < headerSize ? undefined : { type, size, headerSize };
}

/** The first box of this type among children. */
export function childOf(bytes: Buffer, parent: Pick<Box, 'body' | 'end'>, type: string, count: () => void): Box | undefined {
  for (const box of boxesIn(bytes, parent.body, parent.end, count)) if (box.type === type) return box;
  return undefined;
}
