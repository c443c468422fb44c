import { errors } from '@coucou/domain/kernel/errors';
import { z } from 'zod';

/** As `toISOString` writes it. PostgreSQL knows no year 0 and fails on hundreds of digits: a made-up cursor is refused before. */
export const moment = z.iso.datetime({ precision: 3 }).refine((at) => !at.startsWith('0000'));

/**
 * A cursor inside the server: the keyset of one list as text. `list` prevents its use with another. Clients get it sealed, and it comes back
 * opened: that is done around every operation (`execute`).
 */
export const encodeCursor = (list: string, key: readonly unknown[]): string => JSON.stringify([list, ...key]);

export function decodeCursor<Key>(list: string, schema: z.ZodType<Key>, cursor: string): Key {
  try {
    const [name, ...key] = JSON.parse(cursor) as unknown[];
    if (name === list) return schema.parse(key);
  } catch {
    // Falls through: not issued by this list.
  }
  throw errors.CURSOR_INVALID();
}
