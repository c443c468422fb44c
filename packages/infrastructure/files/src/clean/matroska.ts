import type { Patch, Source } from './source.ts';

/** Elements (RFC 9559, 5.1) that are entered. */
const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const CLUSTER = 0x1f43b675;
/** What becomes void: tags and attachments; of the segment's information its title, date, name as a file and checksum. */
const told: ReadonlySet<number> = new Set([0x1254c367, 0x1941a469, 0x7ba9, 0x4461, 0x7384, 0xbf]);
const VOID = 0xec;
const MOST_ELEMENTS = 300_000;

type Element = Readonly<{ id: number; body: number /** Undefined when it was unknown to who wrote it. */; size: number | undefined }>;

/** Numbers of a variable length: as many zero bits as further bytes, then a one (RFC 8794, 4). */
function numberAt(
  bytes: Buffer,
  at: number,
  keepMarker: boolean,
): Readonly<{ value: number; length: number; unknown: boolean }> | undefined {
  const first = bytes[at] ?? 0;
  const length = Math.clz32(first) - 23;
  if (first === 0 || at + length > bytes.length) return undefined;
  let value = keepMarker ? first : first & (0xff >> length);
  let unknown = (first | ((0xff << (8 - length)) & 0xff)) === 0xff;
  for (let index = 1; index < length; index += 1) {
    const next = bytes[at + index] ?? 0;
    value = value * 256 + next;
    unknown &&= next === 0xff;
  }
  return { value, length, unknown };
}

function elementAt(bytes: Buffer, start: number): Element | undefined {
  const id = numberAt(bytes, 0, true);
  const size = id && numberAt(bytes, id.length, false);
  return id && size && { id: id.value, body: start + id.length + size.length, size: size.unknown ? undefined : size.value };
}

/** The header of a void element of so many bytes in all. */
function voidHeader(total: number): Buffer {
  if (total < 9) return Buffer.from([VOID, 0x80 | (total - 2)]);
  const header = Buffer.alloc(9);
  header.writeBigUInt64BE((1n << 56n) | BigInt(total - 9), 1);
  header[0] = VOID;
  return header;
}

export async function cleanMatroska(source: Source): Promise<readonly Patch[]> {
  const patches: Patch[] = [];
  let at = 0;
  for (let count = 0; count < MOST_ELEMENTS && at < source.size; count += 1) {
    const found = elementAt(await source.read(at, at + 12), at);
    if (found === undefined) break;
    const { id, body, size } = found;
    // A recording that was sent while it was made knows no sizes: what is inside follows.
    if (id === SEGMENT || id === INFO || (id === CLUSTER && size === undefined)) {
      at = body;
      continue;
    }
    if (size === undefined) break;
    const end = Math.min(body + size, source.size);
    if (told.has(id) && end - at >= 2) {
      const header = voidHeader(end - at);
      patches.push({ start: at, end: at + header.length, bytes: header }, { start: at + header.length, end });
    }
    at = body + size;
  }
  return patches;
}
