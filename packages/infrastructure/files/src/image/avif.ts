import { type Box, boxesIn, childOf } from '../boxes.ts';
import { blockCounter, refuse, type Survey } from './bounds.ts';

/** AVIF holds few boxes, whatever its size. */
const MOST_BOXES = 10_000;

/** `meta` is a full box: its children follow version and flags. */
const inMeta = ({ body, end }: Box) => ({ body: body + 4, end });

/**
 * The largest of the sizes that its items claim, tiles and planes of transparency included. Which item is which needs more trust in
 * the file than this; the decoder's process is bounded whatever the codec's own header says.
 */
export function surveyAvif(bytes: Buffer): Survey {
  const block = blockCounter(MOST_BOXES);
  let [width, height, planes] = [0, 0, 1];
  let essential = bytes;
  for (const box of boxesIn(bytes, 0, bytes.length, block)) {
    // An image sequence: only its still is shown.
    if (box.type === 'moov') {
      if (essential === bytes) essential = Buffer.from(bytes);
      essential.write('free', box.start + 4, 'latin1');
    }
    if (box.type !== 'meta') continue;
    const properties = childOf(bytes, inMeta(box), 'iprp', block);
    const list = properties && childOf(bytes, properties, 'ipco', block);
    if (list === undefined) continue;
    for (const { type, body, end } of boxesIn(bytes, list.body, list.end, block)) {
      if (type === 'auxC') planes = 1.5;
      if (type !== 'ispe' || end - body < 12) continue;
      const [w, h] = [bytes.readUInt32BE(body + 4), bytes.readUInt32BE(body + 8)];
      if (w * h > width * height) [width, height] = [w, h];
    }
  }
  if (width === 0) throw refuse('damaged');
  return { width, height, frames: 1, weight: planes, essential };
}
