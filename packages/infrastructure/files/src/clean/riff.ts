import { blockCounter } from '../image/bounds.ts';
import type { Patch, Source } from './source.ts';

/** Chunks that tell of a recording, and hold neither sound nor picture: of WAV and AVI, and of AIFF. */
const told: ReadonlySet<string> = new Set(
  'id3 ,ID3 ,bext,iXML,axml,_PMX,cart,IDIT,ISMP,INFO,JUNK,NAME,AUTH,(c) ,ANNO,COMT,APPL'.split(','),
);
/** Lists with chunks of their own, one in the other. */
const nested = ['hdrl', 'strl'];
const MOST_CHUNKS = 100_000;

type Dialect = Readonly<{ sizeOf: (head: Buffer) => number; unused: string }>;

async function clean(source: Source, { sizeOf, unused }: Dialect): Promise<readonly Patch[]> {
  const patches: Patch[] = [];
  const count = blockCounter(MOST_CHUNKS);
  const walk = async (from: number, to: number, depth: number): Promise<void> => {
    for (let at = from; at + 8 <= to; ) {
      count();
      const head = await source.read(at, at + 12);
      if (head.length < 8) return;
      const [type, size, list] = [head.toString('latin1', 0, 4), sizeOf(head), head.toString('latin1', 8, 12)];
      const end = Math.min(at + 8 + size, to);
      if (type === 'LIST' && list === nested[depth]) await walk(at + 12, end, depth + 1);
      else if (told.has(type) || (type === 'LIST' && list === 'INFO'))
        patches.push({ start: at, end: at + 4, bytes: Buffer.from(unused, 'latin1') }, { start: at + 8, end });
      at += 8 + size + (size % 2);
    }
  };
  await walk(12, source.size, 0);
  return patches;
}

/** WAV and AVI. */
export const cleanRiff = (source: Source) => clean(source, { sizeOf: (head) => head.readUInt32LE(4), unused: 'JUNK' });
/** AIFF, whose readers pass over chunks that they do not know. */
export const cleanIff = (source: Source) => clean(source, { sizeOf: (head) => head.readUInt32BE(4), unused: 'JUNK' });
