/**
 * The lines of a text in UTF-8. They end at newlines only: `node:readline` also ends one at U+2028 and U+2029, which JSON leaves as they are in what
 * people write. Throws a `RangeError` for a line that is longer than `most` characters, before it is in memory, and a `TypeError` for other bytes.
 */
export async function* splitLines(bytes: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let parts: string[] = [];
  let length = 0;
  const add = (part: string): void => {
    parts.push(part);
    length += part.length;
    if (length > most) throw new RangeError(`a line has more than ${most} characters`);
  };
  const finish = (): string => {
    const line = parts.join('');
    [parts, length] = [[], 0];
    return line;
  };
  for await (const chunk of bytes) {
    const [first = '', ...others] = decoder.decode(chunk, { stream: true }).split('\n');
    add(first);
    for (const part of others) {
      yield finish();
      add(part);
    }
  }
  add(decoder.decode());
  if (length > 0) yield finish();
}
