import type { z } from 'zod';
import { type JsonSchema, resolve } from './json-schema.ts';

type Components = Readonly<Record<string, JsonSchema>>;
type Fields = Readonly<Record<string, unknown>>;

const MOST_LEVELS = 12;

/** Example values by field name. */
const words: Readonly<Record<string, unknown>> = {
  content: 'Hello, bob!',
  title: 'Lunch on Friday',
  description: 'Where do we go?',
  accessToken: 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTkzNmQyZSJ9.c2lnbmF0dXJl',
  refreshToken: 'x3v9hq1YkZbq0vF1oQ5iQm2JtWcN8r7pLd6sUeAaBbc',
  deviceToken: 'm2JtWcN8r7pLd6sUeAaBbcx3v9hq1YkZbq0vF1oQ5iQ',
  ip: '203.0.113.7',
  userAgent: 'Mozilla/5.0',
  device: 'Laptop',
  browser: 'Firefox 150',
  os: 'Linux',
  avatarUrl: 'https://example.com/a.png',
  bio: 'Likes lunch.',
  email: 'alice@example.com',
  code: 'CONVERSATION_NOT_FOUND',
  error: 'There is no such conversation.',
  details: {},
  docs: '/docs/errors#CONVERSATION_NOT_FOUND',
  path: 'message:send',
  operation: 'message:send',
  requestId: '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f',
  userId: '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f',
  clientMessageId: '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f',
  socketId: 'x3v9hq1YkZbq0vF1oQ5i',
  epoch: 'k3J9',
  custom: { color: 'teal' },
  data: { color: 'teal' },
  nextCursor: null,
  headsCursor: 'k3J9',
  name: 'menu.png',
  type: 'image/png',
  emoji: '👍',
  mentions: '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f',
  labels: 'billing',
  reason: 'Sends the same link to everyone.',
  displayName: 'Alice Martin',
};

/** What would contradict the rest of an example: that a thing is gone, and what belongs to cookie mode, where other fields are absent. */
const contradicting: ReadonlySet<string> = new Set(['deletedAt', 'leftAt', 'mode', 'csrfToken']);

const byFormat: Readonly<Record<string, unknown>> = {
  uuid: '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f',
  'date-time': '2026-01-15T09:30:00.000Z',
  email: 'alice@example.com',
  uri: 'https://example.com/a.png',
};

/** A value that fits a schema: its own example where it has one, else one made from its type and the name of its field. */
export function exampleOf(schema: JsonSchema, components: Components, name = '', level = 0): unknown {
  const type = resolve(schema, components);
  const given = schema.examples ?? type.examples;
  if (given !== undefined) return given[0];
  if (type.const !== undefined) return type.const;
  if (Object.hasOwn(words, name) && fits(words[name], type)) return words[name];
  if (type.default !== undefined) return type.default;
  if (type.enum !== undefined) return type.enum[0];
  const inner = (child: JsonSchema, childName = name) => exampleOf(child, components, childName, level + 1);
  const choice = type.anyOf?.[0] ?? type.oneOf?.[0] ?? type.allOf?.[0];
  if (choice !== undefined) return inner(choice);
  if (type.type === 'object') return level > MOST_LEVELS ? {} : exampleObject(type, inner);
  if (type.type === 'array') return exampleArray(type, inner);
  if (type.type === 'integer' || type.type === 'number') return Math.max(type.minimum ?? 0, 1);
  if (type.type === 'boolean') return false;
  if (type.type === 'null') return null;
  return byFormat[type.format ?? ''] ?? name;
}

const jsonTypeOf = (value: unknown): string => (value === null ? 'null' : typeof value);

/** A word is for a plain field; one of the same name may hold a whole shape elsewhere. */
function fits(word: unknown, { type = jsonTypeOf(word), properties, allOf, anyOf, enum: values }: JsonSchema): boolean {
  if (anyOf !== undefined) return anyOf.some((choice) => fits(word, choice));
  return [type].flat().includes(jsonTypeOf(word)) && properties === undefined && allOf === undefined && values === undefined;
}

type Inner = (schema: JsonSchema, name?: string) => unknown;

function exampleObject({ properties, required = [], additionalProperties, propertyNames }: JsonSchema, inner: Inner): Fields {
  if (properties !== undefined)
    return Object.fromEntries(
      Object.entries(properties)
        .filter(([name]) => required.includes(name) || !contradicting.has(name))
        .map(([name, child]) => [name, inner(child, name)]),
    );
  if (typeof additionalProperties !== 'object' || propertyNames === undefined) return {};
  return { [String(inner(propertyNames))]: inner(additionalProperties) };
}

function exampleArray(
  { items, prefixItems = Array.isArray(items) ? items : undefined, maxItems }: JsonSchema,
  inner: Inner,
): readonly unknown[] {
  if (prefixItems !== undefined) return prefixItems.map((item) => inner(item));
  return maxItems === 0 || typeof items !== 'object' ? [] : [inner(items as JsonSchema)];
}

/**
 * Examples of what an operation takes, one per choice. Rules between fields are not in the JSON Schema, so the zod schema judges:
 * optional fields are kept as long as the whole stays valid. What cannot be made valid is left out rather than shown wrong.
 */
export function inputExamples(type: z.ZodType, schema: JsonSchema, components: Components): readonly Fields[] {
  if (schema.examples !== undefined) return schema.examples as readonly Fields[];
  const choices = schema.oneOf ?? schema.anyOf ?? [schema];
  return choices.flatMap((choice) => {
    const full = exampleOf(choice, components) as Fields;
    const required = new Set(resolve(choice, components).required);
    let example: Fields = Object.fromEntries(Object.entries(full).filter(([name]) => required.has(name)));
    for (const [name, value] of Object.entries(full)) {
      const larger = { ...example, [name]: value };
      if (type.safeParse(larger).success || !type.safeParse(example).success) example = larger;
    }
    return type.safeParse(example).success ? [example] : [];
  });
}
