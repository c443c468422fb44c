import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { Writable } from 'node:stream';

export type Output = Readonly<{
  write(entry: string): void;
  /** Hands over what is gathered, without waiting for a reader: asked for after a fatal entry, which may be the last. */
  flushSync(): void;
  /** Calls back when everything was written, or cannot be. */
  flush(done: () => void): void;
}>;

/** What takes a text whole or throws. */
export type Sink = Readonly<{ write: (text: string) => void }>;

export type OutputOptions = Readonly<{
  /** A stream, or a file. */
  to: Writable | Sink;
  /** Is told how many entries were dropped, once there is room again. */
  onDropped: (count: number) => void;
  /** Characters that may wait for a slow reader; entries beyond are dropped. */
  mostWaiting?: number;
}>;

/** How long an entry may wait for others, which are written with it. */
const GATHER_MS = 10;
const MOST_WAITING = 4 * 1024 * 1024;
const ignore = (): void => {};

/**
 * Writes entries in batches, and stops neither the server nor its end: who reads too slowly loses entries, which are counted, and
 * a full disk or a reader that has gone loses them as well.
 */
export function createOutput({ to, onDropped, mostWaiting = MOST_WAITING }: OutputOptions): Output {
  let gathered: string[] = [];
  let length = 0;
  let dropped = 0;
  let timer: NodeJS.Timeout | undefined;
  const stream = to instanceof Writable ? to : undefined;
  // One for all outputs of a stream: a process may have several servers, each with a log.
  if (stream?.listenerCount('error', ignore) === 0) stream.on('error', ignore);

  const hasRoom = (): boolean => {
    if (stream?.destroyed === true) return false;
    const waiting = length + (stream?.writableLength ?? 0);
    // Once full, half of it must be free again: entries are lost in a few gaps instead of one by one.
    return waiting < (dropped === 0 ? mostWaiting : mostWaiting / 2);
  };

  function push(): void {
    clearTimeout(timer);
    timer = undefined;
    if (gathered.length === 0) return;
    const batch = gathered;
    gathered = [];
    length = 0;
    const text = batch.join('');
    if (stream !== undefined) return void stream.write(text);
    try {
      to.write(text);
    } catch {
      dropped += batch.length;
    }
  }

  return {
    write(entry) {
      if (!hasRoom()) {
        dropped += 1;
        return;
      }
      if (dropped > 0) {
        const count = dropped;
        dropped = 0;
        onDropped(count);
      }
      gathered.push(entry);
      length += entry.length;
      timer ??= setTimeout(push, GATHER_MS);
    },
    flushSync: push,
    flush(done) {
      push();
      if (stream === undefined || stream.destroyed || stream.writableLength === 0) done();
      else stream.write('', () => done());
    },
  };
}

export const descriptorSink = (descriptor: number): Sink => ({
  write(text) {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  },
});

/**
 * Standard output. Pipes, sockets and terminals are streams of Node, which never block on a pipe or socket; files are written
 * directly, since Node's stream for them ends with the first error, such as a disk that was full for a moment.
 */
export function standardOutput(onDropped: (count: number) => void): Output {
  return untilExit(createOutput({ to: process.stdout instanceof Socket ? process.stdout : descriptorSink(1), onDropped }));
}

/** A file of its own, written directly. */
export const fileOutput = (file: Sink, onDropped: (count: number) => void): Output => untilExit(createOutput({ to: file, onDropped }));

const open = new Set<Output>();

function untilExit(output: Output): Output {
  if (open.size === 0)
    process.once('exit', () => {
      for (const each of open) each.flushSync();
    });
  open.add(output);
  return output;
}
