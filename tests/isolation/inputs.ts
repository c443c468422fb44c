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
  propertyNames?: Schema;
  additionalProperties?: Schema | boolean;
  minimum?: number;
  pattern?: string;
};

/** Gives an id of this kind (`conversation`, `user` …). */
export type IdOf = (kind: string) => string;

const kindOf = ({ description }: Schema): string | undefined => /^id of an? (\w+)/.exec(description ?? '')?.[1];
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
  if (schema.enum !== undefined) return schema.enum[0];
  const choice = choicesOf(schema)?.find(namesIds) ?? choicesOf(schema)?.[0];
  if (choice !== undefined) return sample(choice, idOf);
  if (schema.propertyNames !== undefined) {
    const values = typeof schema.additionalProperties === 'object' ? sample(schema.additionalProperties, idOf) : {};
    return { [String(sample(schema.propertyNames, idOf))]: values };
  }
  if (schema.type === 'object') return withFields(schema, schema.required ?? [], idOf);
  if (schema.type === 'array') return schema.items === undefined ? [] : [sample(schema.items, idOf)];
  if (schema.type === 'integer' || schema.type === 'number') return Math.max(schema.minimum ?? 0, 1);
  if (schema.type === 'boolean') return true;
  if (schema.format === 'uuid') return idOf('nothing');
  if (schema.format === 'date-time') return '2026-01-15T09:30:00.000Z';
  return 'hello';
}

const withFields = (schema: Schema, names: readonly string[], idOf: IdOf): Record<string, unknown> =>
  Object.fromEntries(names.map((name) => [name, sample(schema.properties?.[name] ?? {}, idOf)]));

/**
 * Inputs of an operation that name ids: for each of its shapes the required fields, and those with one more field that names ids at
 * a time. Some contradict a rule between fields; their refusal must be the same for every id as well.
 */
export function inputsNamingIds(input: z.ZodType, idOf: IdOf): unknown[] {
  const schema = z.toJSONSchema(input, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Schema;
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
