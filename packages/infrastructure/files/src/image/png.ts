import { inflateSync } from 'node:zlib';
import { blockCounter, MOST_EXIF, MOST_PROFILE, refuse, type Survey } from './bounds.ts';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** What pixels and their colours consist of (PNG, 3rd edition, 11). Text, times, animation and private chunks are left out. */
const essential: ReadonlySet<string> = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND', 'gAMA', 'cHRM', 'sRGB', 'sBIT', 'cICP']);
/** Sizes of chunks that are no pixels, in bytes. */
const MOST_SMALL = 4_096;

/** A profile that does not inflate within bounds is left out; the image is then taken to be sRGB. */
function isSmallProfile(data: Buffer): boolean {
  const nameEnds = data.indexOf(0);
  if (nameEnds < 1 || nameEnds > 79) return false;
  try {
    inflateSync(data.subarray(nameEnds + 2), { maxOutputLength: MOST_PROFILE });
    return true;
  } catch {
    return false;
  }
}

export function surveyPng(bytes: Buffer): Survey {
  if (!bytes.subarray(0, 8).equals(SIGNATURE) || bytes.toString('latin1', 12, 16) !== 'IHDR' || bytes.length < 33) throw refuse('damaged');
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  const deep = bytes[24] === 16;
  const block = blockCounter();
  const kept: Buffer[] = [SIGNATURE];
  const seen = new Set<string>();
  for (let at = 8; at + 12 <= bytes.length; ) {
    block();
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const end = at + 12 + length;
    if (end > bytes.length) {
      // Cut off in the middle: the decoder says so, by the pixels that are missing.
      if (type === 'IDAT') kept.push(bytes.subarray(at));
      break;
    }
    const data = bytes.subarray(at + 8, at + 8 + length);
    const once = type === 'IDAT' || !seen.has(type);
    const small = type === 'IDAT' || length <= MOST_SMALL;
    const keep =
      once && ((essential.has(type) && small) || (type === 'iCCP' && isSmallProfile(data)) || (type === 'eXIf' && length <= MOST_EXIF));
    seen.add(type);
    if (keep) kept.push(bytes.subarray(at, end));
    if (type === 'IEND') break;
    at = end;
  }
  return { width, height, frames: 1, weight: deep ? 1.5 : 1, essential: Buffer.concat(kept) };
}
