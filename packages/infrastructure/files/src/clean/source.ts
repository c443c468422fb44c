import type { Bytes } from '@coucou/application/ports/file-store';
import { refuse } from '../image/bounds.ts';

/** A stored file, read here and there: `end` is exclusive, and what lies behind the end of the file is missing from the answer. */
export type Source = Readonly<{ size: number; read(start: number, end: number): Promise<Buffer> }>;

/** Bytes to be overwritten, with zeros when `bytes` are absent. The file keeps its length, so every offset in it stays true. */
export type Patch = Readonly<{ start: number; end: number; bytes?: Uint8Array }>;

/** Parts of a container that are read whole, in bytes: tables of samples, lists of items. */
const MOST_WHOLE = 64_000_000;
/** Small reads are served from one larger. */
const WINDOW = 65_536;

export function windowed({ size, read }: Source): Source {
  let from = 0;
  let window: Buffer = Buffer.alloc(0);
  return {
    size,
    async read(start, end) {
      const until = Math.min(end, size);
      if (until <= start) return Buffer.alloc(0);
      if (until - start > MOST_WHOLE) throw refuse('structure', { most: MOST_WHOLE });
      if (until - start > WINDOW) return read(start, until);
      if (start < from || until > from + window.length) [from, window] = [start, await read(start, Math.min(start + WINDOW, size))];
      return window.subarray(start - from, until - from);
    },
  };
}

const inOrder = (patches: readonly Patch[]): Patch[] => patches.toSorted((one, other) => one.start - other.start);

/** The same bytes, each once: tables of a file may name one place hundreds of thousands of times. */
function joined(patches: readonly Patch[]): Patch[] {
  const ranges: { start: number; end: number }[] = [];
  for (const { start, end } of inOrder(patches)) {
    const last = ranges.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else ranges.push({ start, end });
  }
  return ranges;
}

/** Answers the patches that touch a range; the ranges asked for follow each other. */
function following(ordered: readonly Patch[]): (from: number, to: number) => readonly Patch[] {
  let first = 0;
  return (from, to) => {
    while ((ordered[first]?.end ?? Number.POSITIVE_INFINITY) <= from) first += 1;
    let last = first;
    while ((ordered[last]?.start ?? to) < to) last += 1;
    return ordered.slice(first, last);
  };
}

/** The bytes of a file from its beginning, with the patches in them: zeros, and over them what is written. */
export async function* patched(bytes: Bytes, patches: readonly Patch[]): Bytes {
  const erasedIn = following(joined(patches.filter((patch) => patch.bytes === undefined)));
  const writtenIn = following(inOrder(patches.filter((patch) => patch.bytes !== undefined)));
  let at = 0;
  for await (const part of bytes) {
    const end = at + part.byteLength;
    const found = [...erasedIn(at, end), ...writtenIn(at, end)];
    const copy = found.length === 0 ? part : Uint8Array.from(part);
    for (const { start, end: stop, bytes: written } of found) {
      const [low, high] = [Math.max(start, at), Math.min(stop, end)];
      if (high <= low) continue;
      if (written === undefined) copy.fill(0, low - at, high - at);
      else copy.set(written.subarray(low - start, high - start), low - at);
    }
    yield copy;
    at = end;
  }
}
