import { setFlagsFromString } from 'node:v8';
import { type ExecProtocolOptions, messages, PGlite, type PGliteOptions } from '@electric-sql/pglite';

/** PostgreSQL's default of 128 MB is touched as a whole at the start; files stay in the operating system's cache anyway. */
const startParams = [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB'];

/**
 * PGlite decodes each value by itself, with a `TextDecoder` that takes a leading U+FEFF for a mark of the encoding and drops it. Values that
 * begin with it get it back, by their bytes.
 */
class VerbatimPGlite extends PGlite {
  override async execProtocolStream(message: Uint8Array, options?: ExecProtocolOptions) {
    const answer = await this.execProtocol(message, options);
    restoreLeadingMarks(answer.messages, Buffer.from(answer.data.buffer, answer.data.byteOffset, answer.data.byteLength));
    return answer.messages;
  }
}

/** An embedded PostgreSQL, ready to be asked, that answers text as it is stored. */
export async function openVerbatim(options: PGliteOptions): Promise<PGlite> {
  // V8's optimizing compiler takes up to 350 MB for PostgreSQL's functions, most of which the allocator keeps, and seconds of processor time at
  // the start; what it gains disappears in the cost of reading and writing files. The baseline compiler alone serves at the same speed.
  for (const flag of ['--no-wasm-tier-up', '--no-wasm-dynamic-tiering']) setFlagsFromString(flag);
  const database = new VerbatimPGlite({ startParams, ...options });
  await database.waitReady;
  return database;
}

const MARK = Buffer.from('\ufeff');
const DATA_ROW = 'D'.charCodeAt(0);
/** A letter, and the length of the rest with itself. */
const HEADER = 5;

/** `data`: messages of PostgreSQL's protocol; a row has the number of its values, and before each its length, below 0 for a null. */
function restoreLeadingMarks(answered: readonly messages.BackendMessage[], data: Buffer): void {
  if (!data.includes(MARK)) return;
  const rows = answered.filter((message) => message instanceof messages.DataRowMessage).values();
  for (let at = 0; at + HEADER <= data.length; at += 1 + Math.max(4, data.readInt32BE(at + 1))) {
    if (data[at] !== DATA_ROW) continue;
    const fields = rows.next().value?.fields ?? [];
    let value = at + HEADER + 2;
    for (const [index, field] of fields.entries()) {
      const length = data.readInt32BE(value);
      value += 4;
      if (field !== null && length >= MARK.length && data.subarray(value, value + MARK.length).equals(MARK))
        fields[index] = `\ufeff${field}`;
      value += Math.max(0, length);
    }
  }
}
