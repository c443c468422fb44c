import type { ReadLine } from '@coucou/application/exchange/import-account';
import type { ExchangeLine as Line } from '@coucou/application/exchange/lines';
import { ExchangeLine, HeaderLine } from '@coucou/contracts/exchange/lines';
import type { z } from 'zod';

/** Bytes of one line: a message with everything it may hold. */
const LONGEST = 256 * 1_024;
const NEWLINE = 0x0a;
const utf8 = new TextDecoder('utf-8', { fatal: true });

const NOT_EXPORT = 'the first line must be the header of a coucou-export of version 1';

const said = (error: z.ZodError): string => {
  const [issue] = error.issues;
  const path = issue?.path.join('.') ?? '';
  return path === '' ? (issue?.message ?? 'is not valid') : `${path}: ${issue?.message}`;
};

function valueOf(bytes: Buffer | undefined): Readonly<{ value: unknown }> | Readonly<{ fault: string }> | undefined {
  if (bytes === undefined) return { fault: `a line has at most ${LONGEST} bytes` };
  try {
    const text = utf8.decode(bytes).trim();
    return text === '' ? undefined : { value: JSON.parse(text) };
  } catch {
    return { fault: 'is not JSON in UTF-8' };
  }
}

/** The lines of an export but its header, checked; holds no more than one. Blank lines are counted and left out. */
export async function* readLines(stream: AsyncIterable<Buffer | string>): AsyncGenerator<ReadLine> {
  let hasHeader = false;
  for await (const { line, bytes } of split(stream)) {
    const read = valueOf(bytes);
    if (read === undefined) continue;
    if (!hasHeader) {
      if ('fault' in read || !HeaderLine.safeParse(read.value).success) {
        yield { line, fault: NOT_EXPORT };
        return;
      }
      hasHeader = true;
    } else if ('fault' in read) yield { line, fault: read.fault };
    else {
      const parsed = ExchangeLine.safeParse(read.value);
      yield parsed.success ? { line, value: parsed.data satisfies Line } : { line, fault: said(parsed.error) };
    }
  }
  if (!hasHeader) yield { line: 1, fault: NOT_EXPORT };
}

/** Lines by their numbers, from 1; `bytes` undefined: longer than a line may be, and not held. */
async function* split(stream: AsyncIterable<Buffer | string>): AsyncGenerator<Readonly<{ line: number; bytes: Buffer | undefined }>> {
  let line = 1;
  let parts: Buffer[] = [];
  let length = 0;
  const add = (bytes: Buffer): void => {
    length += bytes.length;
    if (length > LONGEST) parts = [];
    else if (bytes.length > 0) parts.push(bytes);
  };
  const finish = () => {
    const finished = { line, bytes: length > LONGEST ? undefined : Buffer.concat(parts) };
    line += 1;
    parts = [];
    length = 0;
    return finished;
  };
  for await (const chunk of stream) {
    let rest = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE)) {
      add(rest.subarray(0, at));
      rest = rest.subarray(at + 1);
      yield finish();
    }
    add(rest);
  }
  if (length > 0) yield finish();
}
