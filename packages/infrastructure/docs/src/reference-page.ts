import { type Html, html, nothing } from './html.ts';
import type { JsonSchema } from './json-schema.ts';
import { filterBox, layout } from './layout.ts';
import type { OpenApiDocument } from './openapi.ts';
import { type Content, type Described, errorCodesOf, type Parameter, type Request, requestsOf, type Response } from './requests.ts';
import { errorCodes, fields, fieldTable, inline, json, linkGroup, shapeLinks, shapeSections, typeOf } from './schema-view.ts';
import type { Tag } from './tags.ts';

type Shown = Request & Readonly<{ document: OpenApiDocument }>;

/** The REST reference: operations by tag and path, each with its types, its errors and a form that calls it. */
export function referencePage(document: OpenApiDocument, demo: boolean): string {
  const shown = requestsOf(document).map((request) => ({ ...request, document }));
  const byTag = Map.groupBy(shown, ({ operation: { tags } }) => tags[0] ?? '');
  const tags = (document['tags'] as readonly Tag[]).map((tag) => ({ ...tag, operations: byTag.get(tag.name) ?? [] }));
  const { schemas } = document.components;
  return layout({
    title: 'API reference',
    section: 'api',
    version: document.info.version,
    scripts: ['reference.js'],
    session: { demo },
    sidebar: html`${filterBox('Filter operations')}
${tags.map(({ name, operations }) => linkGroup(name, operations.map(sideLink)))}
${shapeLinks(schemas)}`,
    main: html`<h1>API reference</h1>
${document.info.description.split('\n\n').map((text) => html`<p>${inline(text)}</p>`)}
<p class="lead">${String(shown.length)} operations. For generators: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1); as a collection for <a href="/docs/coucou.postman.json" download>Postman</a> and <a href="/docs/coucou.bruno.json" download>Bruno</a>. Over sockets: <a href="/docs/events">events</a>.</p>
<section class="card" id="authorise" data-session hidden></section>
${tags.map(
  ({ name, description, operations }) => html`<section class="group">
<h2 id="${name}">${name}</h2>
<p class="lead">${inline(description)}</p>
${operations.map(operationCard)}
</section>`,
)}
${shapeSections(schemas)}`,
  });
}

const sideLink = ({ method, path, operation: { operationId, summary } }: Shown) => ({
  href: `#${operationId}`,
  label: html`${badge(method)}<span>${operationId.slice(operationId.indexOf('.') + 1)}</span>`,
  find: `${operationId} ${method} ${path} ${summary}`,
});

const badge = (method: string): Html => html`<b class="method ${method}">${method === 'delete' ? 'DEL' : method.toUpperCase()}</b>`;

function operationCard(shown: Shown): Html {
  const { method, path, operation, parameters } = shown;
  const { operationId, summary, description, requestBody } = operation;
  const body = requestBody?.content['application/json'];
  return html`<details class="operation" id="${operationId}" data-find="${operationId} ${method} ${path} ${summary}" data-method="${method}" data-path="${path}"${
    needsToken(operation) ? html` data-token` : nothing
  }>
<summary>${badge(method)}<code class="path">${pathWithBreaks(path)}</code><span class="summary">${inline(summary)}</span></summary>
<div class="inside">
<p class="quiet"><code>${operationId}</code> · ${inline(description)}</p>
${parameters.length === 0 ? nothing : html`<h4>Parameters</h4>${fieldTable(parameters.map(parameterRow))}`}
${body === undefined ? nothing : html`<h4>Body</h4>${fields(resolved(body.schema, shown.document))}${examplesOf(body)}`}
${Object.entries(operation.responses)
  .filter(([status]) => status < '400')
  .map(([status, response]) => success(status, response))}
${failures(operation.responses)}
<form class="try" data-try>${parameters.filter(({ in: place }) => place !== 'header').map(parameterInput)}${body === undefined ? nothing : bodyInput(body)}</form>
</div>
</details>`;
}

const needsToken = ({ security }: Described): boolean => security.some((way) => 'bearer' in way);

/** Paths break after a slash, not in a name. */
const pathWithBreaks = (path: string): readonly Html[] => path.split(/(?=\/)/).map((part) => html`${part}<wbr>`);

const parameterRow = ({ name, in: place, required, description, schema }: Parameter) => ({
  name,
  field: description === undefined ? schema : { ...schema, description },
  required,
  place,
});

/** A body's own fields, also where it is a named type: they are what the reader came for. */
const resolved = (schema: JsonSchema, { components }: OpenApiDocument): JsonSchema =>
  schema.$ref === undefined ? schema : (components.schemas[schema.$ref.replace(/^.*\//, '')] ?? schema);

const examplesOf = ({ examples = {} }: Content): readonly Html[] => Object.values(examples).map(({ value }) => json(value));

function success(status: string, { description = '', content = {} }: Response): Html {
  const body = content['application/json'];
  return html`<h4><b class="status">${status}</b> ${description}</h4>${
    body === undefined
      ? nothing
      : html`<p>${typeOf(body.schema)}</p><details class="example"><summary>Example</summary>${examplesOf(body)}</details>`
  }`;
}

function failures(responses: Described['responses']): Html {
  const failing = Object.entries(responses)
    .map(([status, response]) => ({ status, names: errorCodesOf(response) }))
    .filter(({ names }) => names.length > 0);
  if (failing.length === 0) return nothing;
  return html`<h4>Errors</h4><dl class="errors">${failing.map(
    ({ status, names }) => html`<dt><b class="status bad">${status}</b></dt><dd>${errorCodes(names)}</dd>`,
  )}</dl>`;
}

const parameterInput = ({ name, in: place, required, schema }: Parameter): Html => {
  const hint = schema.default === undefined ? (schema.format ?? '') : JSON.stringify(schema.default);
  return html`<label>${name}<input name="${name}" data-in="${place}" placeholder="${hint}" autocomplete="off" spellcheck="false"${
    required ? html` required` : nothing
  }></label>`;
};

const bodyInput = ({ examples = {} }: Content): Html => {
  const text = JSON.stringify(Object.values(examples)[0]?.value ?? {}, null, 2);
  return html`<label class="wide">Body<textarea name="body" rows="${String(Math.min(12, text.split('\n').length + 1))}" spellcheck="false">
${text}</textarea></label>`;
};
