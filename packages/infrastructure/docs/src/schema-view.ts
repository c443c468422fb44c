import { type Html, html, nothing } from './html.ts';
import type { JsonSchema } from './json-schema.ts';

/** Codes of errors, each linking to its explanation. */
export const errorCodes = (names: readonly string[]): readonly Html[] =>
  names.map((name, at) => html`${at === 0 ? '' : ' '}<a class="code" href="/docs/errors#${name}"><code>${name}</code></a>`);

export const codes = (names: readonly string[]): readonly Html[] =>
  names.map((name, at) => html`${at === 0 ? '' : ', '}<code>${name}</code>`);

/** The Markdown of descriptions, as far as it is used there: code and strong words. */
export const inline = (text: string): readonly Html[] =>
  text
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .map((part) =>
      part.startsWith('`')
        ? html`<code>${part.slice(1, -1)}</code>`
        : part.startsWith('**')
          ? html`<strong>${part.slice(2, -2)}</strong>`
          : html`${part}`,
    );

/** A value as indented JSON, with a button that copies it. */
export const json = (value: unknown): Html => html`<pre class="copy"><code>${JSON.stringify(value, null, 2)}</code></pre>`;

/** The fields of a type as a table; where it is one of several, one below the other. */
export function fields(schema: JsonSchema): Html {
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) return html`${choices.map((choice, at) => html`${at === 0 ? nothing : html`<p>or</p>`}${fields(choice)}`)}`;
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length === 0) return html`<p>${typeOf(schema)}</p>`;
  const required = new Set(schema.required);
  return fieldTable(properties.map(([name, field]) => ({ name, field, required: required.has(name) })));
}

type Field = Readonly<{ name: string; field: JsonSchema; required: boolean; place?: string }>;

export const fieldTable = (rows: readonly Field[]): Html => html`<div class="table fields"><table>
<thead><tr><th>field</th><th>type</th><th>about</th></tr></thead>
<tbody>${rows.map(
  ({ name, field, required, place }) =>
    html`<tr><td><code>${name}</code>${required ? nothing : html`<span class="optional">optional</span>`}</td><td>${typeOf(field)}</td><td>${
      place === undefined ? nothing : html`<span class="place">${place}</span> `
    }${about(field)}</td></tr>`,
)}</tbody>
</table></div>`;

function about({ description, default: otherwise }: JsonSchema): Html {
  const said = inline(description ?? '');
  if (otherwise === undefined) return html`${said}`;
  return html`${said}${description === undefined ? '' : '; '}without it <code>${JSON.stringify(otherwise)}</code>`;
}

/** A type in a few words; named ones link to their fields. */
export function typeOf(schema: JsonSchema): Html {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  if (reference !== undefined) {
    const name = reference.replace(/^.*\//, '');
    return html`<a href="#shape-${name}">${name}</a>`;
  }
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum !== undefined) return html`<code>${schema.enum.map((value) => JSON.stringify(value)).join(' | ')}</code>`;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return html`${choices.map((choice, at) => html`${at === 0 ? '' : ' or '}${typeOf(choice)}`)}`;
  if (schema.type === 'array' && typeof schema.items === 'object' && !Array.isArray(schema.items) && schema.prefixItems === undefined)
    return html`list of ${typeOf(schema.items as JsonSchema)}`;
  const tuple = schema.prefixItems ?? (Array.isArray(schema.items) ? (schema.items as readonly JsonSchema[]) : undefined);
  if (schema.type === 'array' && tuple !== undefined)
    return html`[${tuple.map((item, at) => html`${at === 0 ? '' : ', '}${typeOf(item)}`)}]`;
  if (schema.type === 'object') return objectType(schema);
  return html`${schema.format ?? [schema.type ?? 'anything'].flat().join(' or ')}`;
}

/** An object that is no shape of its own, as it is written: `{seq: integer, note?: string}`; or a map, `uuid → integer`. */
function objectType({ properties = {}, required = [], additionalProperties, propertyNames }: JsonSchema): Html {
  const inside = Object.entries(properties);
  if (inside.length > 0)
    return html`{${inside.map(
      ([name, field], at) => html`${at === 0 ? '' : ', '}<code>${name}${required.includes(name) ? '' : '?'}</code>: ${typeOf(field)}`,
    )}}`;
  if (propertyNames === undefined || typeof additionalProperties !== 'object') return html`object`;
  return html`${typeOf(propertyNames)} → ${typeOf(additionalProperties)}`;
}

/** The named types of a document, each with its fields. */
export const shapeSections = (shapes: Readonly<Record<string, JsonSchema>>): Html =>
  html`<section class="group"><h2 id="shapes">Shapes</h2><p class="lead">The types that several of these share.</p>${Object.entries(
    shapes,
  ).map(
    ([name, schema]) => html`<section class="shape" data-find="${name}"><h3 id="shape-${name}">${name}</h3>${fields(schema)}</section>`,
  )}</section>`;

export const shapeLinks = (shapes: Readonly<Record<string, JsonSchema>>): Html =>
  linkGroup(
    'Shapes',
    Object.keys(shapes).map((name) => ({ href: `#shape-${name}`, label: html`${name}`, find: name })),
  );

type SideLink = Readonly<{ href: string; label: Html; find: string }>;

/** A group of the sidebar. */
export const linkGroup = (title: string, links: readonly SideLink[]): Html =>
  html`<section class="links"><h2>${title}</h2><ul>${links.map(
    ({ href, label, find }) => html`<li data-find="${find}"><a href="${href}">${label}</a></li>`,
  )}</ul></section>`;
