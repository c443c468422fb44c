import { jsonBytes, tooManyBytes } from '@coucou/domain/kernel/json-bytes';
import { limits } from '@coucou/domain/kernel/limits';
import { hasVisible } from '@coucou/domain/kernel/visible';
import { z } from 'zod';
import { readTime } from './read-time.ts';

const EXAMPLE_ID = '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f';
const EXAMPLE_TIME = '2026-01-15T09:30:00.000Z';

/** PostgreSQL stores neither NUL nor half a surrogate pair; refused here so that no statement ever fails on them. */
export const isStorable = (value: string): boolean => !value.includes('\u0000') && value.isWellFormed();

/** A UUID of this kind of thing; lower case from here on, so that equal ids are equal strings. */
export const id = <Kind extends string>(kind: Kind) =>
  z
    .uuid()
    .toLowerCase()
    .meta({ description: `id of ${/^[aeio]/.test(kind) ? 'an' : 'a'} ${kind}`, examples: [EXAMPLE_ID] }) as unknown as z.ZodType<
    string & { readonly $kind: Kind },
    string
  >;

/** A time that the server answers: RFC 3339 in UTC with milliseconds. */
export const time = z.iso.datetime({ precision: 3, error: `must be a time as in ${EXAMPLE_TIME}` }).meta({ examples: [EXAMPLE_TIME] });

/** A time that a client sends, in any form of RFC 3339; from here on in the form that the server answers. */
export const givenTime = z
  .string()
  .max(64)
  .meta({ format: 'date-time', examples: [EXAMPLE_TIME] })
  .transform((value, context): string => {
    const read = readTime(value);
    if (read !== undefined) return read;
    context.addIssue({ code: 'custom', message: `must be a time of RFC 3339, of the years 1 to 9999, as in ${EXAMPLE_TIME}` });
    return z.NEVER;
  });

/** A number that clients hold: a place in an order, or a count. */
export const counter = z.int().min(0);

type Length = Readonly<{ min?: number; max: number }>;

/** Text, measured in Unicode code points and stored verbatim. */
export const text = ({ min = 0, max }: Length) =>
  z
    .string()
    // Cheap bound first: no text of `max` code points has more than 2 × max UTF-16 units.
    .max(max * 2)
    .refine(isStorable, { error: 'holds a NUL or half a surrogate pair' })
    .refine((value) => value.length >= min && (value.length <= max || [...value].length <= max), {
      error: `must have ${min} to ${max} characters`,
    })
    .meta({ minLength: min, maxLength: max });

/** One line of text without control characters: names and titles. */
export const line = (length: Length) =>
  text(length)
    .refine((value) => !/\p{Cc}/u.test(value), { error: 'holds a control character' })
    .refine((value) => (length.min ?? 0) === 0 || hasVisible(value), { error: 'shows nothing' });

export const httpUrl = z
  .url({ protocol: /^https?$/ })
  .max(limits.url)
  .refine(isStorable)
  .meta({ examples: ['https://example.com/a.png'] });

function isCleanJson(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return isStorable(value);
  // JSON.parse makes Infinity of 1e400, and JSON.stringify null of that.
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return value !== undefined && typeof value !== 'bigint';
  if (depth === 0 || ArrayBuffer.isView(value)) return false;
  if (Array.isArray(value)) return value.every((item) => isCleanJson(item, depth - 1));
  return Object.entries(value).every(([key, item]) => isStorable(key) && isCleanJson(item, depth - 1));
}

/** A free-form object of the client, at most `maxBytes` as JSON and 16 levels deep. */
export const jsonObject = (maxBytes: number) =>
  z
    .record(z.string(), z.unknown())
    // What is nested too deeply is measured no further: that would exhaust the stack.
    .refine((value) => isCleanJson(value, 16), { error: 'is not plain JSON', abort: true })
    .refine((value) => jsonBytes(value) <= maxBytes, {
      error: tooManyBytes(maxBytes),
    })
    .meta({ examples: [{ color: 'teal' }] });

export const customData = jsonObject(limits.customData);

/** A sealed cursor, valid for the account, person and operation that it was issued to. */
export const cursor = z.string().max(512);

/** Lists: `limit` and an opaque cursor in, items and the next cursor out. */
export const pageInput = {
  limit: z.int().min(1).max(limits.page.max).default(limits.page.default),
  cursor: cursor.optional().meta({ description: 'nextCursor of the page before' }),
};

export const page = <Item extends z.ZodType>(item: Item) => z.object({ items: z.array(item), nextCursor: cursor.nullable() });

/** A list of distinct ids. */
export const idList = <Kind extends string>(kind: Kind, max: number, min = 1) =>
  z
    .array(id(kind))
    .min(min)
    .max(max)
    .transform((ids) => [...new Set(ids)])
    .meta({ maxItems: max, minItems: min });
