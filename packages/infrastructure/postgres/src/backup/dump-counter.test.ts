import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { countDump } from './dump-counter.ts';

const DUMP = `--
-- PostgreSQL database dump
--
COPY public.message (id, content) FROM stdin;
1\ta line\\nand another
2\tCOPY public.trap (id) FROM stdin;
3\t\\\\.
\\.

COPY public."Odd" (id) FROM stdin;
\\.

COPY "A b"."C ""d e" ("f g") FROM stdin;
1
\\.

-- PostgreSQL database dump complete
--
`;

async function count(text: string, size: number) {
  const counter = countDump();
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
  const passed: Buffer[] = [];
  await pipeline(Readable.from(chunks), counter, async (source) => {
    for await (const chunk of source as AsyncIterable<Buffer>) passed.push(chunk);
  });
  return { ...counter.dumped(), text: Buffer.concat(passed).toString() };
}

describe('the counter of a dump', () => {
  it.each([1, 7, 100_000])('counts what passes through, in chunks of %d bytes', async (size) => {
    const { rows, isComplete, text } = await count(DUMP, size);
    expect([...rows]).toEqual([
      ['public.message', 3],
      ['public."Odd"', 0],
      ['"A b"."C ""d e"', 1],
    ]);
    expect([isComplete, text]).toEqual([true, DUMP]);
  });

  it('notices a dump that broke off', async () => {
    const { rows, isComplete } = await count(DUMP.slice(0, 120), 50);
    expect([[...rows], isComplete]).toEqual([[], false]);
  });
});
