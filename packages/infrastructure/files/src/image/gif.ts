import { blockCounter, refuse, type Survey, tooManyFrames } from './bounds.ts';

/** Bytes of a colour table, by the flags of its descriptor. */
const tableBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));

export function surveyGif(bytes: Buffer): Survey {
  if (!/^GIF8[79]a$/.test(bytes.toString('latin1', 0, 6)) || bytes.length < 13) throw refuse('damaged');
  const block = blockCounter();
  let [width, height, frames] = [bytes.readUInt16LE(6), bytes.readUInt16LE(8), 0];
  const skipData = (from: number): number => {
    let at = from;
    for (let size = bytes[at] ?? 0; size > 0; size = bytes[at] ?? 0) {
      block();
      at += 1 + size;
    }
    return at + 1;
  };
  for (let at = 13 + tableBytes(bytes[10] ?? 0); at < bytes.length; ) {
    block();
    const kind = bytes[at];
    if (kind === 0x21) at = skipData(at + 2);
    else if (kind === 0x2c && at + 10 <= bytes.length) {
      frames += 1;
      if (tooManyFrames(frames)) break;
      // A frame that reaches beyond the screen makes some decoders enlarge it.
      width = Math.max(width, bytes.readUInt16LE(at + 1) + bytes.readUInt16LE(at + 5));
      height = Math.max(height, bytes.readUInt16LE(at + 3) + bytes.readUInt16LE(at + 7));
      at = skipData(at + 11 + tableBytes(bytes[at + 9] ?? 0));
    } else break;
  }
  if (frames === 0) throw refuse('damaged');
  return { width, height, frames, weight: 1, essential: bytes };
}
