/** The part of JSON Schema that decides how to parse a text in a URL. */
export type TextSchema = Readonly<{
  type?: string | readonly string[];
  format?: string;
  items?: unknown;
  properties?: Readonly<Record<string, TextSchema>>;
  anyOf?: readonly TextSchema[];
  oneOf?: readonly TextSchema[];
  allOf?: readonly TextSchema[];
}>;

/** A value from a URL: a text, or several for a repeated name. */
export type UrlValue = string | readonly string[];

export type ReadText = (value: UrlValue) => unknown;

/** A schema and, for a choice, everything it chooses from. */
const alternatives = (schema: TextSchema): readonly TextSchema[] => [
  schema,
  ...[schema.anyOf, schema.oneOf, schema.allOf].flatMap((branches) => branches?.flatMap(alternatives) ?? []),
];

const typesOf = (schemas: readonly TextSchema[]): ReadonlySet<string> => new Set(schemas.flatMap(({ type }) => type ?? []));

/**
 * Creates the parser of one value. A text becomes a number or boolean if the schema allows one and it is written like one; anything else
 * stays text, for the schema to judge.
 */
function readerOf(schemas: readonly TextSchema[]): ReadText {
  const types = typesOf(schemas);
  const isTime = schemas.some(({ format }) => format === 'date-time');
  const items = schemas.flatMap(({ items: item }) => (typeof item === 'object' && item !== null && !Array.isArray(item) ? [item] : []));
  const readItem = types.has('array') ? readerOf(items.flatMap(alternatives)) : undefined;
  const readOne = (text: string): unknown => {
    if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
    if (types.has('integer') && /^-?\d{1,16}$/.test(text)) return Number(text);
    if (types.has('number') && /^-?\d{1,16}(\.\d{1,16})?$/.test(text)) return Number(text);
    // A plus that is not escaped arrives as a space, in which form no time ends otherwise.
    return isTime ? text.replace(/ (\d\d:\d\d)$/, '+$1') : text;
  };
  return (value) => {
    if (readItem !== undefined) return (typeof value === 'string' ? [value] : value).map(readItem);
    return typeof value === 'string' ? readOne(value) : value;
  };
}

/** Readers for every property that an input may have, also when the input is a choice between objects. */
export function urlReaders(input: TextSchema): ReadonlyMap<string, ReadText> {
  const properties = alternatives(input).flatMap((schema) => Object.entries(schema.properties ?? {}));
  const byName = Map.groupBy(properties, ([name]) => name);
  return new Map([...byName].map(([name, entries]) => [name, readerOf(entries.flatMap(([, schema]) => alternatives(schema)))]));
}
