import { Transform } from 'node:stream';

/** What a dump in plain SQL holds. */
export type Dumped = Readonly<{
  /** Rows by table. */
  rows: ReadonlyMap<string, number>;
  /** Whether it has its last line: a dump that broke off does not. */
  isComplete: boolean;
}>;

const NEWLINE = 0x0a;
/** A part of a name in quotes may hold blanks. */
const COPY = /^COPY ((?:"(?:[^"]|"")*"|[^\s"])+) .*FROM stdin;$/;
const END_OF_COPY = '\\.';
const LAST_LINE = '-- PostgreSQL database dump complete';
/** Longer lines are rows: neither a `COPY` nor an end, and only counted. */
const LONGEST_OF_INTEREST = 16_384;

/**
 * Passes a dump through and counts the rows of its `COPY` blocks. In their text format a row is a line: line ends within values are
 * escaped.
 */
export function countDump(): Transform & { dumped: () => Dumped } {
  const rows = new Map<string, number>();
  let table: string | undefined;
  let count = 0;
  let isComplete = false;
  /** The beginning of the line that the last chunk ended in. */
  let rest: Buffer = Buffer.alloc(0);

  function take(line: Buffer): void {
    if (table === undefined) {
      if (line.length > LONGEST_OF_INTEREST) return;
      const text = line.toString();
      isComplete ||= text === LAST_LINE;
      [, table] = COPY.exec(text) ?? [];
      count = 0;
    } else if (line.length === END_OF_COPY.length && line.toString() === END_OF_COPY) {
      rows.set(table, count);
      table = undefined;
    } else count += 1;
  }

  const transform = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
        const part = chunk.subarray(from, at);
        take(rest.length === 0 ? part : Buffer.concat([rest, part]));
        rest = Buffer.alloc(0);
        from = at + 1;
      }
      if (from < chunk.length) rest = Buffer.concat([rest, chunk.subarray(from)]);
      done(null, chunk);
    },
  });
  return Object.assign(transform, { dumped: () => ({ rows, isComplete }) });
}
