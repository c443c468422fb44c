import type { Values } from './render.ts';

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Maps whose keys the operator chooses, and what Kubernetes describes itself. */
const OPEN = new Set(['settings', 'secretSettings', 'resources', 'migration.resources']);

/** The values, such as `database.owner.url`. */
export function namesOf(values: Values, before = ''): string[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const name = `${before}${key}`;
    return isMap(value) && Object.keys(value).length > 0 && !OPEN.has(name) ? namesOf(value, `${name}.`) : [name];
  });
}

/** The names that a schema of objects has, with references into `definitions`. */
export function namesOfSchema(schema: unknown, definitions: Record<string, unknown>, before = ''): string[] {
  if (!isMap(schema)) return [];
  const { $ref } = schema;
  if (typeof $ref === 'string') return namesOfSchema(definitions[$ref.split('/').at(-1) ?? ''], definitions, before);
  const { properties } = schema;
  if (!isMap(properties)) return before === '' ? [] : [before.slice(0, -1)];
  return Object.entries(properties).flatMap(([key, inner]) => namesOfSchema(inner, definitions, `${before}${key}.`));
}

/** As Helm merges values into defaults. */
export function merged(defaults: Values, given: Values): Values {
  const result: Record<string, unknown> = { ...defaults };
  for (const [key, value] of Object.entries(given)) {
    const below = result[key];
    result[key] = isMap(value) && isMap(below) ? merged(below, value) : value;
  }
  return result;
}
