import { commonErrors, userErrors } from '@coucou/contracts/kernel/operation';
import type { AsyncApiChannel, AsyncApiDocument, AsyncApiMessage } from './asyncapi.ts';
import { type Html, html, nothing, page } from './html.ts';
import type { JsonSchema } from './json-schema.ts';

/** A readable page of what goes over the socket: calls with their acknowledgement, events, and the shapes they carry. */
export function eventsPage({ info, channels, operations, components }: AsyncApiDocument): string {
  const all = Object.entries(channels).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const sendingTo = (id: string) =>
    Object.values(operations).find(({ action, channel }) => action === 'send' && channel.$ref === `#/channels/${id}`);
  const calls = all.filter(([, { messages }]) => isMessage(messages['call']));
  const events = all.filter(([, { messages }]) => 'event' in messages);
  const shapes = Object.entries(components.schemas);
  return page(
    'Coucou: socket events',
    html`<p><a href="/docs">Documentation</a></p>
<h1>Socket events</h1>
${info.description.split('\n\n').map((text) => html`<p>${inline(text)}</p>`)}
<p>Version ${info.version}. As a machine reads it: <a href="/asyncapi.json">asyncapi.json</a>.</p>
<h2>Calls</h2>
<p>Any call can be answered ${codes(anyCall)}; below stand the errors that are a call's own.</p>
${index(calls, 'call')}
${calls.map(([id, channel]) => callSection(id, channel, sendingTo(id)))}
<h2>Events from the server</h2>
${index(events, 'event')}
${events.map(([id, { messages }]) => (isMessage(messages['event']) ? messageSection(`event-${id}`, messages['event']) : nothing))}
<h2>Shapes</h2>
${shapes.map(([name, schema]) => html`<h3 id="shape-${name}">${name}</h3>${fields(schema)}`)}`,
  );
}

/** The other `commonErrors` concern HTTP bodies. */
const onlyHttp: ReadonlySet<string> = new Set(['MALFORMED_JSON', 'UNSUPPORTED_MEDIA_TYPE']);
const anyCall = [...userErrors, ...commonErrors.filter((code) => !onlyHttp.has(code))];

const codes = (names: readonly string[]): readonly Html[] => names.map((name, at) => html`${at === 0 ? '' : ', '}<code>${name}</code>`);

/** The description's Markdown, as far as it is used there: code and strong words. */
const inline = (text: string): readonly Html[] =>
  text
    .split(/(`[^`]+`|\*\*[^*]+\*\*)/)
    .map((part) =>
      part.startsWith('`')
        ? html`<code>${part.slice(1, -1)}</code>`
        : part.startsWith('**')
          ? html`<strong>${part.slice(2, -2)}</strong>`
          : html`${part}`,
    );

const index = (channels: readonly (readonly [string, AsyncApiChannel])[], kind: string): Html =>
  html`<ul class="index">${channels.map(([id, { address }]) => html`<li><a href="#${kind}-${id}"><code>${address}</code></a></li>`)}</ul>`;

/** Not a reference, which the channel of an alias holds. */
const isMessage = (message: AsyncApiChannel['messages'][string] | undefined): message is AsyncApiMessage =>
  message !== undefined && 'payload' in message;

function callSection(id: string, { messages }: AsyncApiChannel, sending: AsyncApiDocument['operations'][string] | undefined): Html {
  const { call, ack } = messages;
  if (!isMessage(call) || !isMessage(ack)) return nothing;
  const { 'x-errors': errors = [], 'x-aliases': aliases = [] } = sending ?? {};
  return html`${messageSection(`call-${id}`, call)}${aliases.length === 0 ? nothing : html`<p>Also called ${codes(aliases)}.</p>`}<p>Acknowledged by</p>${example(ack)}${
    errors.length === 0 ? nothing : html`<p>or an error: ${codes(errors)}.</p>`
  }`;
}

const messageSection = (anchor: string, message: AsyncApiMessage): Html =>
  html`<h3 id="${anchor}"><code>${message.name}</code></h3><p>${inline(message.summary)}</p>${fields(message.payload)}${example(message)}`;

const example = ({ examples: [first] }: AsyncApiMessage): Html =>
  first === undefined ? nothing : html`<pre>${JSON.stringify(first.payload, null, 2)}</pre>`;

function fields(schema: JsonSchema): Html {
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) return html`${choices.map((choice, at) => html`${at === 0 ? nothing : html`<p>or</p>`}${fields(choice)}`)}`;
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length === 0) return html`<p>${typeOf(schema)}</p>`;
  const required = new Set(schema.required);
  return html`<table>
<thead><tr><th>field</th><th>type</th><th>about</th></tr></thead>
<tbody>${properties.map(
    ([name, field]) =>
      html`<tr><td><code>${name}${required.has(name) ? '' : '?'}</code></td><td>${typeOf(field)}</td><td>${about(field)}</td></tr>`,
  )}</tbody>
</table>`;
}

function about({ description, default: otherwise }: JsonSchema): Html {
  const said = inline(description ?? '');
  if (otherwise === undefined) return html`${said}`;
  return html`${said}${description === undefined ? '' : '; '}without it <code>${JSON.stringify(otherwise)}</code>`;
}

function typeOf(schema: JsonSchema): Html {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  if (reference !== undefined) {
    const name = reference.replace(/^.*\//, '');
    return html`<a href="#shape-${name}">${name}</a>`;
  }
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum !== undefined) return html`<code>${schema.enum.map((value) => JSON.stringify(value)).join(' | ')}</code>`;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return html`${choices.map((choice, at) => html`${at === 0 ? '' : ' or '}${typeOf(choice)}`)}`;
  if (schema.type === 'array' && typeof schema.items === 'object' && !Array.isArray(schema.items))
    return html`list of ${typeOf(schema.items as JsonSchema)}`;
  if (schema.type === 'array' && Array.isArray(schema.items))
    return html`[${schema.items.map((item: JsonSchema, at) => html`${at === 0 ? '' : ', '}${typeOf(item)}`)}]`;
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
