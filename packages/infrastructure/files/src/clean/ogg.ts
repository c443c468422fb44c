import { refuse } from '../image/bounds.ts';
import type { Patch, Source } from './source.ts';

/** Ogg (RFC 3533): the second packet of every stream holds its comments, over as many pages as it takes. */
const HEADER = 27;
const MOST_BYTES = 32_000_000;
/** Streams of one file: picture, sounds in several languages, subtitles. */
const MOST_STREAMS = 100;
/** What stands before the comments, by codec; Speex has nothing there. */
const prefixes = ['\u0003vorbis', 'OpusTags', '\u0081theora', '\u0083kate\0\0\0\0'];

type Page = { start: number; bytes: Buffer; touched: boolean };
type Piece = Readonly<{ page: Page; from: number; to: number }>;
type Stream = { packet: number; pieces: Piece[]; done: boolean };

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value;
});

function checksum(page: Buffer): number {
  let sum = 0;
  for (const byte of page) sum = ((sum << 8) ^ (table[((sum >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  return sum;
}

async function pageAt(source: Source, start: number): Promise<Page | undefined> {
  const head = await source.read(start, start + HEADER + 255);
  if (head.length < HEADER || head.toString('latin1', 0, 4) !== 'OggS') return undefined;
  const segments = head.subarray(HEADER, HEADER + head.readUInt8(26));
  const size = HEADER + segments.length + segments.reduce((sum, length) => sum + length, 0);
  const bytes = Buffer.from(await source.read(start, start + size));
  return bytes.length < size ? undefined : { start, bytes, touched: false };
}

/** Adds what this page has of the stream's second packet. */
function collect(page: Page, stream: Stream): void {
  const count = page.bytes.readUInt8(26);
  let at = HEADER + count;
  let from = at;
  const take = (): void => {
    if (stream.packet === 1) stream.pieces.push({ page, from, to: at });
  };
  for (let index = 0; index < count; index += 1) {
    const length = page.bytes.readUInt8(HEADER + index);
    at += length;
    if (length === 255) continue;
    take();
    stream.packet += 1;
    from = at;
    if (stream.packet === 2) break;
  }
  if (stream.packet < 2 && from < at) take();
  stream.done = stream.packet >= 2;
}

/** Blanks the comments; their number and lengths stay. False when there are none. */
function blank(packet: Buffer): boolean {
  const prefix = prefixes.find((text) => packet.toString('latin1', 0, text.length) === text) ?? '';
  const isFlac = (packet[0] ?? 0) % 128 === 4 && packet.readUIntBE(1, 3) === packet.length - 4;
  let at = isFlac ? 4 : prefix.length;
  const number = (): number => {
    const value = at + 4 <= packet.length ? packet.readUInt32LE(at) : 0;
    at += 4;
    return value;
  };
  at += number();
  let found = false;
  for (let left = number(); left > 0 && at + 4 <= packet.length; left -= 1) {
    const length = number();
    const text = packet.subarray(at, at + length).fill(' ');
    if (text.length >= 2) text.write('X=', 'latin1');
    found = true;
    at += length;
  }
  return found;
}

function cleanStream({ pieces }: Stream): void {
  const packet = Buffer.concat(pieces.map(({ page, from, to }) => page.bytes.subarray(from, to)));
  if (packet.length < 8 || !blank(packet)) return;
  let at = 0;
  for (const { page, from, to } of pieces) {
    packet.copy(page.bytes, from, at, at + to - from);
    at += to - from;
    page.touched = true;
  }
}

export async function cleanOgg(source: Source): Promise<readonly Patch[]> {
  const streams = new Map<number, Stream>();
  const pages: Page[] = [];
  for (let at = 0; at < source.size; ) {
    if (at > MOST_BYTES) throw refuse('structure', { most: MOST_BYTES });
    const page = await pageAt(source, at);
    if (page === undefined) break;
    const serial = page.bytes.readUInt32LE(14);
    const stream = streams.get(serial) ?? { packet: 0, pieces: [], done: false };
    streams.set(serial, stream);
    if (streams.size > MOST_STREAMS) throw refuse('structure', { most: MOST_STREAMS });
    if (!stream.done) {
      collect(page, stream);
      pages.push(page);
    }
    at += page.bytes.length;
    if ([...streams.values()].every(({ done }) => done)) break;
  }
  for (const stream of streams.values()) cleanStream(stream);
  return pages
    .filter(({ touched }) => touched)
    .map(({ start, bytes }) => {
      bytes.writeUInt32LE(0, 22);
      bytes.writeUInt32LE(checksum(bytes), 22);
      return { start, end: start + bytes.length, bytes };
    });
}
