import { errors } from '@coucou/domain/kernel/errors';
import type { z } from 'zod';

/** An opaque place in one list. `list` keeps a cursor from being used with another. */
export const encodeCursor = (list: string, key: readonly unknown[]): string =>
  Buffer.from(JSON.stringify([list, ...key])).toString('base64url');

export function decodeCursor<Key>(list: string, schema: z.ZodType<Key>, cursor: string): Key {
  try {
    const [name, ...key] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (name === list) return schema.parse(key);
  } catch {
    // Falls through: whatever it was, this list did not issue it.
  }
  throw errors.CURSOR_INVALID();
}
