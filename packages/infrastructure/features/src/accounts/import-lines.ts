import type { ImportLine, ImportReport } from '@coucou/application/accounts/import-users';
import { type importUsers, ImportedUser } from '@coucou/contracts/accounts/import-users';
import type { z } from 'zod';

/** Bytes of one line; longer ones are refused without being held. */
const LONGEST = 16 * 1_024;
const NEWLINE = 0x0a;
/** Fatal: names of another encoding would be imported with their letters replaced. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

const refuse = (line: number, code: string, error: string, details: unknown = {}): ImportLine => ({
  line,
  refused: { code, error, details },
});

function read(line: number, bytes: Buffer | undefined): ImportLine | undefined {
  if (bytes === undefined) return refuse(line, 'PAYLOAD_TOO_LARGE', `A line has at most ${LONGEST} bytes.`);
  let value: unknown;
  try {
    const text = utf8.decode(bytes).trim();
    if (text === '') return undefined;
    value = JSON.parse(text);
  } catch {
    return refuse(line, 'MALFORMED_JSON', 'The line is not JSON in UTF-8.');
  }
  const parsed = ImportedUser.safeParse(value);
  if (parsed.success) return { line, user: parsed.data };
  const faults = parsed.error.issues.slice(0, 5).map(({ path, message }) => ({ path, message }));
  return refuse(line, 'VALIDATION_FAILED', 'The line is not a person as it should be.', faults);
}

/** Splits NDJSON as it comes, and holds no more than a line. Blank lines are left out, and counted. */
export async function* importLines(stream: AsyncIterable<Buffer | string>, fromLine = 1): AsyncGenerator<ImportLine> {
  let line = 1;
  let parts: Buffer[] = [];
  let length = 0;
  const finish = (): ImportLine | undefined => {
    const given = line < fromLine ? undefined : read(line, length > LONGEST ? undefined : Buffer.concat(parts));
    line += 1;
    parts = [];
    length = 0;
    return given;
  };
  for await (const chunk of stream) {
    let rest = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE)) {
      length += at;
      if (length <= LONGEST) parts.push(rest.subarray(0, at));
      rest = rest.subarray(at + 1);
      const given = finish();
      if (given !== undefined) yield given;
    }
    length += rest.length;
    if (length <= LONGEST && rest.length > 0) parts.push(rest);
    else if (length > LONGEST) parts = [];
  }
  const last = finish();
  if (last !== undefined) yield last;
}

export const presentImport = (report: ImportReport): z.infer<NonNullable<(typeof importUsers)['output']>> => ({
  read: report.read,
  created: report.created,
  existing: report.existing,
  refused: report.refused.map(({ line, code, error, details }) => ({ line, code, error, details })),
  stoppedAt: report.stoppedAt,
});
