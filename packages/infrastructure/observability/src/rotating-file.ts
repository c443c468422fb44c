import { closeSync, fstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { descriptorSink, type Sink } from './output.ts';

export type RotatingFileOptions = Readonly<{
  path: string;
  /** Bytes after which the file is full. */
  maxBytes: number;
  /** How many full files are kept beside it: `path.1` is the newest. */
  keep: number;
  now?: () => Date;
}>;

const dayOf = (at: Date): string => at.toISOString().slice(0, 10);

/**
 * A file that entries are appended to. When it is full, and with the first entries of another day (UTC), it becomes `path.1`, `path.1`
 * becomes `path.2`, and so on. Throws at once where it cannot be opened; where it cannot be rotated later, it grows until it can.
 */
export function openRotatingFile({ path, maxBytes, keep, now = () => new Date() }: RotatingFileOptions): Sink {
  let file = open(path);
  /** After a rotation that failed: until then none is tried, so that a log in trouble costs no more than another. */
  let retryAt = 0;

  function rotate(): void {
    rmSync(`${path}.${keep}`, { force: true });
    for (let at = keep - 1; at >= 1; at -= 1) renameIfThere(`${path}.${at}`, `${path}.${at + 1}`);
    if (keep > 0) renameIfThere(path, `${path}.1`);
    else rmSync(path, { force: true });
    const full = file;
    file = open(path);
    closeSync(full.descriptor);
  }

  return {
    write(text) {
      const at = now();
      const bytes = Buffer.byteLength(text);
      const isDue = file.bytes > 0 && (file.bytes + bytes > maxBytes || file.day !== dayOf(at));
      if (isDue && at.getTime() >= retryAt) {
        try {
          rotate();
        } catch {
          retryAt = at.getTime() + 60_000;
        }
      }
      descriptorSink(file.descriptor).write(text);
      if (file.bytes === 0) file.day = dayOf(at);
      file.bytes += bytes;
    },
  };
}

/** `day`: of its last entry when it was opened; a file goes on where the process before it stopped. */
function open(path: string): { descriptor: number; bytes: number; day: string } {
  const descriptor = openSync(path, 'a', 0o640);
  const { size, mtime } = fstatSync(descriptor);
  return { descriptor, bytes: size, day: dayOf(mtime) };
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
