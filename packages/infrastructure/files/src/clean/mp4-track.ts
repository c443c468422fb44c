import { type Box, boxesIn, childOf } from '../boxes.ts';
import type { Patch } from './source.ts';

/** Sample formats of cameras' positions and sensors: Apple, GoPro, Street View, Sony, DJI, and generic metadata. */
const formats: ReadonlySet<string> = new Set(['mebx', 'gpmd', 'camm', 'rtmd', 'djmd', 'dbgi', 'mett', 'metx', 'urim']);
type Parent = Pick<Box, 'body' | 'end'>;

const sampleTable = (bytes: Buffer, track: Parent, count: () => void): Box | undefined => {
  const media = childOf(bytes, track, 'mdia', count);
  const information = media && childOf(bytes, media, 'minf', count);
  return information && childOf(bytes, information, 'stbl', count);
};

export function isTimedMetadata(bytes: Buffer, track: Parent, count: () => void): boolean {
  const media = childOf(bytes, track, 'mdia', count);
  const handler = media && childOf(bytes, media, 'hdlr', count);
  if (handler !== undefined && bytes.toString('latin1', handler.body + 8, handler.body + 12) === 'meta') return true;
  const table = sampleTable(bytes, track, count);
  const description = table && childOf(bytes, table, 'stsd', count);
  return description !== undefined && formats.has(bytes.toString('latin1', description.body + 12, description.body + 16));
}

/** The numbers of a table: `columns` of each entry, of four bytes or of eight. */
function* rows(bytes: Buffer, { body, end }: Box, columns: number, size: 4 | 8, count: () => void): Generator<number[]> {
  if (end - body < 8) return;
  const entries = Math.min(bytes.readUInt32BE(body + 4), Math.floor((end - body - 8) / (columns * size)));
  for (let row = 0; row < entries; row += 1) {
    count();
    yield Array.from({ length: columns }, (_, column) => {
      const at = body + 8 + (row * columns + column) * size;
      return size === 4 ? bytes.readUInt32BE(at) : Number(bytes.readBigUInt64BE(at));
    });
  }
}

/** Where the samples of a track lie in the file (ISO/IEC 14496-12, 8.7). */
export function samplesOf(bytes: Buffer, track: Parent, count: () => void): Patch[] {
  const table = sampleTable(bytes, track, count);
  if (table === undefined) return [];
  const boxes = new Map([...boxesIn(bytes, table.body, table.end, count)].map((box) => [box.type, box]));
  const [sizes, runs] = [boxes.get('stsz'), boxes.get('stsc')];
  const chunks = boxes.get('stco') ?? boxes.get('co64');
  if (sizes === undefined || runs === undefined || chunks === undefined || sizes.end - sizes.body < 12) return [];
  const [equal, declared] = [bytes.readUInt32BE(sizes.body + 4), bytes.readUInt32BE(sizes.body + 8)];
  const samples = equal === 0 ? Math.min(declared, Math.floor((sizes.end - sizes.body - 12) / 4)) : declared;
  const bytesOf = (from: number, to: number): number => {
    if (equal !== 0) return (to - from) * equal;
    let sum = 0;
    for (let at = from; at < to; at += 1) sum += bytes.readUInt32BE(sizes.body + 12 + at * 4);
    return sum;
  };
  const perChunk = [...rows(bytes, runs, 3, 4, count)];
  const patches: Patch[] = [];
  let [chunk, run, sample] = [1, 0, 0];
  for (const [offset = 0] of rows(bytes, chunks, 1, chunks.type === 'co64' ? 8 : 4, count)) {
    while ((perChunk[run + 1]?.[0] ?? Number.POSITIVE_INFINITY) <= chunk) run += 1;
    const last = Math.min(sample + (perChunk[run]?.[1] ?? 0), samples);
    patches.push({ start: offset, end: offset + bytesOf(sample, last) });
    sample = last;
    chunk += 1;
  }
  return patches;
}
