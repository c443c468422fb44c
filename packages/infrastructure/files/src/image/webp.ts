import { blockCounter, MOST_EXIF, MOST_PROFILE, refuse, type Survey, tooManyFrames } from './bounds.ts';

type Size = Readonly<{ width: number; height: number }>;

/** Flags of the extended header (VP8X). */
const FLAG = { profile: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04 } as const;

const essential: ReadonlySet<string> = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF']);

const small = (type: string, size: number): boolean => (type === 'ICCP' && size <= MOST_PROFILE) || (type === 'EXIF' && size <= MOST_EXIF);

/** A fourth channel of pixels. */
const isTransparent = (type: string, data: Buffer): boolean =>
  type === 'VP8X' ? ((data[0] ?? 0) & FLAG.alpha) !== 0 : type === 'VP8L' && ((data[4] ?? 0) & 0x10) !== 0;

function sizeOf(type: string, data: Buffer): Size | undefined {
  if (type === 'VP8X' && data.length >= 10) return { width: data.readUIntLE(4, 3) + 1, height: data.readUIntLE(7, 3) + 1 };
  if (type === 'VP8 ' && data.length >= 10) return { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff };
  if (type === 'VP8L' && data.length >= 5) {
    const bits = data.readUInt32LE(1);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  return undefined;
}

/** Drops the chunks that are not kept and their flags, and rewrites the container's length. */
function rebuild(chunks: readonly Buffer[], types: ReadonlySet<string>): Buffer {
  const body = Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP', 'latin1'), ...chunks]);
  body.writeUInt32LE(body.length - 8, 4);
  if (body.toString('latin1', 12, 16) !== 'VP8X') return body;
  const left = (types.has('ICCP') ? 0 : FLAG.profile) | (types.has('EXIF') ? 0 : FLAG.exif) | FLAG.xmp;
  body.writeUInt8(body.readUInt8(20) & ~left, 20);
  return body;
}

export function surveyWebp(bytes: Buffer): Survey {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP') throw refuse('damaged');
  const block = blockCounter();
  const kept: Buffer[] = [];
  const types = new Set<string>();
  let [width, height, frames, weight] = [0, 0, 0, 1];
  const end = Math.min(bytes.length, bytes.readUInt32LE(4) + 8);
  for (let at = 12; at + 8 <= end; ) {
    block();
    const type = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    const next = at + 8 + length + (length % 2);
    const data = bytes.subarray(at + 8, Math.min(at + 8 + length, end));
    const size = sizeOf(type, data);
    if (size !== undefined) [width, height] = [Math.max(width, size.width), Math.max(height, size.height)];
    if (isTransparent(type, data)) weight = 1.5;
    if (type === 'ANMF') frames += 1;
    // The rest of the frames is not even looked at.
    if (tooManyFrames(frames)) break;
    if (essential.has(type) || (small(type, length) && !types.has(type))) {
      types.add(type);
      kept.push(bytes.subarray(at, Math.min(next, end)));
    }
    at = next;
  }
  return { width, height, frames: Math.max(1, frames), weight, essential: rebuild(kept, types) };
}
