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

/** The bytes of a file from its beginning, with the patches in them. */
export async function* patched(bytes: Bytes, patches: readonly Patch[]): Bytes {
  const ordered = patches.toSorted((one, other) => one.start - other.start);
  let at = 0;
  let first = 0;
  for await (const part of bytes) {
    const end = at + part.byteLength;
    let copy: Uint8Array | undefined;
    while ((ordered[first]?.end ?? end) <= at && first < ordered.length) first += 1;
    for (let index = first; index < ordered.length; index += 1) {
      const patch = ordered[index];
      if (patch === undefined || patch.start >= end) break;
      copy ??= Uint8Array.from(part);
      const [low, high] = [Math.max(patch.start, at), Math.min(patch.end, end)];
      if (high <= low) continue;
      if (patch.bytes === undefined) copy.fill(0, low - at, high - at);
      else copy.set(patch.bytes.subarray(low - patch.start, high - patch.start), low - at);
    }
    yield copy ?? part;
    at = end;
  }
}
