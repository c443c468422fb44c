import { blockCounter, MOST_PROFILE, refuse, type Survey } from './bounds.ts';

/** Bytes of value 255 in coded data: one in 256 of a real image, and each costs a look at the next. */
const MOST_STUFFED = 1_000_000;
/** Every scan passes over the whole image again; encoders write up to a dozen. */
const MOST_SCANS = 100;
const PROFILE = 'ICC_PROFILE\0';

const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
/** Markers without a length: TEM, RSTn, SOI. */
const standsAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);

/** Where the next marker begins, behind the coded data of a scan. */
function scanEnd(bytes: Buffer, from: number, stuffed: () => void): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    stuffed();
    const next = bytes[at + 1] ?? 0;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return bytes.length;
}

/** Application data that changes how pixels are read: JFIF, Exif (orientation), the colour profile, Adobe. */
function keeper(): (marker: number, data: Buffer) => boolean {
  let exif = false;
  let profile = 0;
  return (marker, data) => {
    if (marker === 0xe0 || marker === 0xee) return data.length <= 4_096;
    if (marker === 0xe1 && !exif && data.toString('latin1', 0, 6) === 'Exif\0\0') return (exif = true);
    if (marker === 0xe2 && data.toString('latin1', 0, PROFILE.length) === PROFILE) return (profile += data.length) <= MOST_PROFILE;
    return !((marker >= 0xe0 && marker <= 0xef) || marker === 0xfe);
  };
}

export function surveyJpeg(bytes: Buffer): Survey {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw refuse('damaged');
  const block = blockCounter();
  const stuffed = blockCounter(MOST_STUFFED);
  const keep = keeper();
  const kept: Buffer[] = [bytes.subarray(0, 2)];
  let [width, height, scans, weight] = [0, 0, 0, 1];
  for (let at = 2; at + 2 <= bytes.length; ) {
    block();
    if (bytes[at] !== 0xff) throw refuse('damaged');
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xd9) {
      // What follows the end is another file.
      kept.push(bytes.subarray(at, at + 2));
      break;
    }
    if (marker === 0xff || standsAlone(marker)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    if (at + 4 > bytes.length) break;
    let end = at + 2 + bytes.readUInt16BE(at + 2);
    const data = bytes.subarray(at + 4, end);
    if (isFrame(marker) && data.length >= 5) {
      [height, width] = [Math.max(height, data.readUInt16BE(1)), Math.max(width, data.readUInt16BE(3))];
      // Unless it is sequential, the coefficients of the whole image are kept.
      if (marker !== 0xc0 && marker !== 0xc1) weight = 1.5;
    }
    if (marker === 0xda) {
      scans += 1;
      if (scans > MOST_SCANS) throw refuse('structure', { most: MOST_SCANS });
      end = scanEnd(bytes, end, stuffed);
    }
    if (keep(marker, data)) kept.push(bytes.subarray(at, end));
    at = end;
  }
  return { width, height, frames: 1, weight, essential: Buffer.concat(kept) };
}
