/** Bytes of well-formed text as UTF-8. */
const utf8Length = (value: string): number => {
  let bytes = 0;
  for (const character of value) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
};

/** PostgreSQL prints 1e308 with 309 digits: a number counts by its printed length. */
function writtenOut(_key: string, value: unknown): unknown {
  const [, exponent] = typeof value === 'number' ? (/e[+-](\d+)$/.exec(String(value)) ?? []) : [];
  return exponent === undefined ? value : '0'.repeat(Number(exponent));
}

/** Of plain JSON, as the database keeps it. */
export const jsonBytes = (value: unknown): number => utf8Length(JSON.stringify(value, writtenOut));

export const tooManyBytes = (most: number): string => `is larger than ${most} bytes as JSON, numbers written out`;
