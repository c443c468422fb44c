import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeCursor, encodeCursor, moment } from './cursor.ts';

const key = z.tuple([moment]);
const decode = (at: unknown) => decodeCursor('things', key, encodeCursor('things', [at]));

describe('a cursor', () => {
  it('holds a moment as it was', () => {
    const at = new Date('2026-01-15T12:00:00.123Z').toISOString();
    expect(decode(at)).toEqual([at]);
  });

  it.each(['0000-01-01T00:00:00.000Z', `2026-01-15T12:00:00.${'0'.repeat(200)}Z`, '2026-02-30T12:00:00.000Z', 'infinity', 0, null])(
    'is refused with a moment that the server never wrote: %j',
    (at) => {
      expect(() => decode(at)).toThrow(expect.objectContaining({ code: 'CURSOR_INVALID' }));
    },
  );
});
