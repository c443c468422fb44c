import { z } from 'zod';

/** As much of a JSON schema as inputs use. */
type Schema = {
  type?: string;
  format?: string;
  description?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  propertyNames?: Schema;
  additionalProperties?: Schema | boolean;
  minimum?: number;
  pattern?: string;
  examples?: unknown[];
  'x-kind'?: string;
};

/** Gives an id of this kind (`conversation`, `user` …). */
export type IdOf = (kind: string) => string;

const kindOf = (schema: Schema): string | undefined => schema['x-kind'];

/** What is no id, and yet names something of someone; and text that a schema takes only in a certain shape. */
const byName: Readonly<Record<string, Partial<Schema>>> = {
  code: { 'x-kind': 'inviteCode' },
  emoji: { const: '👍' },
  scopes: { const: ['audit:read'] },
  sendAt: { const: new Date(Date.now() + 3_600_000).toISOString() },
};

/** An id keeps its kind where a field says more about it than that. */
const schemaOf = (input: z.ZodType): Schema =>
  z.toJSONSchema(input, {
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
    override({ zodSchema, jsonSchema }) {
      const kind = /^id of an? (\w+)/.exec(z.globalRegistry.get(zodSchema as unknown as z.ZodType)?.description ?? '')?.[1];
      if (kind !== undefined) Object.assign(jsonSchema, { 'x-kind': kind });
      // What has a form of its own, such as the code of an authenticator app, names nothing.
      for (const [name, field] of Object.entries((jsonSchema as Schema).properties ?? {}))
        if (field.pattern === undefined || field.examples === undefined) Object.assign(field, byName[name]);
    },
  }) as Schema;
const choicesOf = ({ anyOf, oneOf }: Schema): Schema[] | undefined => anyOf ?? oneOf;

function namesIds(schema: Schema): boolean {
  if (kindOf(schema) !== undefined) return true;
  const inner = [
    ...(choicesOf(schema) ?? []),
    ...Object.values(schema.properties ?? {}),
    ...(schema.items === undefined ? [] : [schema.items]),
    ...(schema.propertyNames === undefined ? [] : [schema.propertyNames]),
  ];
  return inner.some(namesIds);
}

function sample(schema: Schema, idOf: IdOf): unknown {
  const kind = kindOf(schema);
  if (kind !== undefined) return idOf(kind);
  if (schema.const !== undefined) return schema.const;
  if (schema.pattern !== undefined && schema.examples !== undefined) return schema.examples[0];
  if (schema.enum !== undefined) return schema.enum[0];
  const choice = choicesOf(schema)?.find(namesIds) ?? choicesOf(schema)?.[0];
  if (choice !== undefined) return sample(choice, idOf);
  if (schema.propertyNames !== undefined) {
    const values = typeof schema.additionalProperties === 'object' ? sample(schema.additionalProperties, idOf) : {};
    return { [String(sample(schema.propertyNames, idOf))]: values };
  }
  if (schema.type === 'object') return withFields(schema, fieldsOf(schema), idOf);
  if (schema.type === 'array') return samples(schema, idOf);
  if (schema.type === 'integer' || schema.type === 'number') return Math.max(schema.minimum ?? 0, 1);
  if (schema.type === 'boolean') return true;
  if (schema.format === 'uuid') return idOf('nothing');
  if (schema.format === 'email') return 'someone@example.com';
  if (schema.format === 'uri') return 'https://example.com/a.png';
  if (schema.format === 'date-time') return '2026-01-15T09:30:00.000Z';
  return 'hello';
}

/** As many items as an array needs, one at least; where it needs several they differ. */
const samples = ({ items, minItems = 1 }: Schema, idOf: IdOf): unknown[] =>
  items === undefined
    ? []
    : Array.from({ length: minItems }, (_, index) => {
        const item = sample(items, idOf);
        return index > 0 && item === 'hello' ? `hello ${index + 1}` : item;
      });

/** Of an object inside an input its numbers as well: one that says nothing may be refused before its ids are looked at. */
const fieldsOf = ({ required = [], properties = {} }: Schema): readonly string[] =>
  Object.keys(properties).filter((name) => required.includes(name) || properties[name]?.type === 'integer');

const withFields = (schema: Schema, names: readonly string[], idOf: IdOf): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, sample(schema.properties?.[name] ?? {}, idOf)]));

/** An input of an operation that needs no ids, with all words set to `word`. */
export function inputWithoutIds(input: z.ZodType, word: string): Record<string, unknown> | undefined {
  const schema = (choicesOf(schemaOf(input)) ?? [schemaOf(input)])[0] ?? {};
  const required = schema.required ?? [];
  if (required.some((name) => namesIds(schema.properties?.[name] ?? {}))) return undefined;
  const sampled = withFields(schema, required, () => word);
  return Object.fromEntries(Object.entries(sampled).map(([name, value]) => [name, value === 'hello' ? word : value]));
}

/**
 * Inputs of an operation that name ids: for each of its shapes the required fields, and those with one more field that names ids at
 * a time. Some contradict a rule between fields; their refusal must be the same for every id as well.
 */
export function inputsNamingIds(input: z.ZodType, idOf: IdOf): unknown[] {
  const schema = schemaOf(input);
  return (choicesOf(schema) ?? [schema]).filter(namesIds).flatMap((shape) => {
    const required = shape.required ?? [];
    const optional = Object.entries(shape.properties ?? {})
      .filter(([name, field]) => !required.includes(name) && namesIds(field))
      .map(([name]) => name);
    const text = shape.properties?.['content'] && !required.includes('content') ? ['content'] : [];
    const base = [...required, ...text];
    const fields = [base, ...optional.map((name) => [...base, name])].filter((names) =>
      names.some((name) => namesIds(shape.properties?.[name] ?? {})),
    );
    return fields.map((names) => withFields(shape, names, idOf));
  });
}
