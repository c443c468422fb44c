import { z } from 'zod';

export type JsonSchema = Readonly<{
  $ref?: string;
  type?: string | readonly string[];
  description?: string;
  format?: string;
  const?: unknown;
  default?: unknown;
  enum?: readonly unknown[];
  examples?: readonly unknown[];
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  items?: JsonSchema | readonly JsonSchema[] | false;
  prefixItems?: readonly JsonSchema[];
  propertyNames?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
  allOf?: readonly JsonSchema[];
  minimum?: number;
  [keyword: string]: unknown;
}>;

/** What a caller may send, or what it gets: they differ where a schema has defaults or changes what it reads. */
export type Direction = 'input' | 'output';

/** OpenAPI 3.1 speaks JSON Schema 2020-12, AsyncAPI 3 draft 7. */
export type Dialect = 'draft-2020-12' | 'draft-7';

export interface Schemas {
  /** The schema of one type. Types with an id are referred to and collected. */
  readonly of: (type: z.ZodType, direction: Direction) => JsonSchema;
  /** The types with an id that were met so far, by name. */
  readonly components: () => Readonly<Record<string, JsonSchema>>;
}

const COMPONENTS = '#/components/schemas/';

export function createSchemas(dialect: Dialect): Schemas {
  const collected = new Map<string, JsonSchema>();
  return {
    of(type, direction) {
      const { root, definitions } = generate(type, direction, dialect);
      const rename = direction === 'output' ? (name: string) => name : renamer(definitions, generate(type, 'output', dialect).definitions);
      for (const [name, schema] of Object.entries(definitions)) collected.set(rename(name), withReferences(schema, rename));
      return withReferences(root, rename);
    },
    components: () => Object.fromEntries([...collected].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

type Definitions = Readonly<Record<string, JsonSchema>>;

function generate(type: z.ZodType, io: Direction, target: Dialect): { root: JsonSchema; definitions: Definitions } {
  const generated = z.toJSONSchema(type, {
    io,
    target,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => tidy(zodSchema, jsonSchema),
  });
  const {
    $schema: _,
    $defs = {},
    definitions = $defs,
    ...root
  } = generated as { $schema?: string; $defs?: Definitions; definitions?: Definitions };
  return { root, definitions };
}

const MILLISECONDS = String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`;

/** Takes out what is true of every value in JSON, or said by `format` already, and lets clients expect fields to come. */
function tidy({ _zod: { def } }: z.core.$ZodTypes, schema: Record<string, unknown>): void {
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
  if (schema['format'] === 'uuid') delete schema['pattern'];
  // Times that are sent have no pattern, for their forms are many.
  if (schema['format'] === 'date-time' && schema['pattern'] !== undefined) schema['pattern'] = MILLISECONDS;
  if (def.type === 'record' && JSON.stringify(schema['propertyNames']) === '{"type":"string"}') delete schema['propertyNames'];
  if (def.type === 'object' && def.catchall === undefined) delete schema['additionalProperties'];
  // Generators and linters compile patterns without the flag that Unicode's classes need.
  if (typeof schema['pattern'] === 'string' && schema['pattern'].includes('\\p{')) delete schema['pattern'];
  // The length says that there are no further items; generators want to read of items all the same.
  if (def.type === 'tuple' && Array.isArray(schema['prefixItems']))
    Object.assign(schema, { items: {}, minItems: def.items.length, maxItems: def.items.length });
}

/** Types that read otherwise than they answer go by `<Name>Input`, and so do those that hold one; all others have one name. */
function renamer(input: Definitions, output: Definitions): (name: string) => string {
  const different = new Set(Object.keys(input).filter((name) => JSON.stringify(input[name]) !== JSON.stringify(output[name])));
  for (let before = -1; before !== different.size; ) {
    before = different.size;
    for (const [name, schema] of Object.entries(input)) if (referencesIn(schema).some((other) => different.has(other))) different.add(name);
  }
  return (name) => (different.has(name) ? `${name}Input` : name);
}

const REFERENCE = /^#\/(?:\$defs|definitions)\//;

function referencesIn(schema: JsonSchema): readonly string[] {
  const found: string[] = [];
  withReferences(schema, (name) => (found.push(name), name));
  return found;
}

/** The same schema with its references pointing to the components of a document. */
function withReferences(schema: JsonSchema, rename: (name: string) => string): JsonSchema {
  const point = (key: string, value: unknown): unknown =>
    key === '$ref' && typeof value === 'string' && REFERENCE.test(value) ? COMPONENTS + rename(value.replace(REFERENCE, '')) : value;
  return JSON.parse(JSON.stringify(schema, point)) as JsonSchema;
}

/** The schema behind a reference. */
export function resolve(schema: JsonSchema, components: Definitions): JsonSchema {
  if (schema.$ref === undefined) return schema;
  const target = components[schema.$ref.replace(COMPONENTS, '')];
  if (target === undefined) throw new Error(`${schema.$ref} does not resolve.`);
  return target;
}
