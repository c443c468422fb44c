import { commonErrors, userErrors } from '@coucou/contracts/kernel/operation';
import type { AsyncApiChannel, AsyncApiDocument, AsyncApiMessage } from './asyncapi.ts';
import { type Html, html, nothing } from './html.ts';
import { filterBox, layout } from './layout.ts';
import { codes, errorCodes, fields, inline, json, linkGroup, shapeLinks, shapeSections } from './schema-view.ts';
import { tagsOf } from './tags.ts';

type Call = Readonly<{
  id: string;
  name: string;
  call: AsyncApiMessage;
  ack: AsyncApiMessage;
  sending: AsyncApiDocument['operations'][string];
}>;
type Event = Readonly<{ id: string; event: AsyncApiMessage }>;

/** What goes over the socket: calls with their acknowledgement, events, and the shapes they carry; and a console that goes live. */
export function eventsPage(document: AsyncApiDocument, demo: boolean): string {
  const { info, components } = document;
  const calls = callsOf(document);
  const events = eventsOf(document);
  const byTag = Map.groupBy(calls, ({ name }) => name.split('.', 1)[0] ?? name);
  const tags = tagsOf([...byTag.keys()]).map((tag) => ({ ...tag, calls: byTag.get(tag.name) ?? [] }));
  return layout({
    title: 'Socket events',
    section: 'events',
    version: info.version,
    scripts: ['console.js'],
    session: { demo },
    sidebar: html`${filterBox('Filter calls and events')}
${linkGroup(
  'Events from the server',
  events.map(({ id, event }) => ({ href: `#event-${id}`, label: html`${event.name}`, find: event.name })),
)}
${tags.map((tag) =>
  linkGroup(
    `Calls: ${tag.name}`,
    tag.calls.map(({ id, call }) => ({ href: `#call-${id}`, label: html`${call.name}`, find: call.name })),
  ),
)}
${shapeLinks(components.schemas)}`,
    main: html`<h1>Socket events</h1>
<p class="lead">${String(calls.length)} calls and ${String(events.length)} events. For generators: <a href="/asyncapi.json">asyncapi.json</a> (AsyncAPI 3.0).</p>
<section class="card console" id="console" hidden></section>
${info.description.split('\n\n').map((text) => html`<p>${inline(text)}</p>`)}
<section class="group"><h2 id="events">Events from the server</h2>
<p class="lead">Sent to the connections of everyone concerned; the client answers none of them.</p>
${events.map(eventSection)}</section>
${tags.map(
  (tag) =>
    html`<section class="group"><h2 id="calls-${tag.name}">Calls: ${tag.name}</h2><p class="lead">${inline(tag.description)}</p>${tag.calls.map(callSection)}</section>`,
)}
<section class="group"><h2 id="any-call">Errors of any call</h2><p>Besides its own errors a call can be answered ${errorCodes(anyCall)}.</p></section>
${shapeSections(components.schemas)}`,
  });
}

/** The other `commonErrors` concern HTTP bodies. */
const onlyHttp: ReadonlySet<string> = new Set(['MALFORMED_JSON', 'UNSUPPORTED_MEDIA_TYPE']);
const anyCall = [...userErrors, ...commonErrors.filter((code) => !onlyHttp.has(code))];

/** Not a reference, which the channel of an alias holds. */
const isMessage = (message: AsyncApiChannel['messages'][string] | undefined): message is AsyncApiMessage =>
  message !== undefined && 'payload' in message;

const sorted = (channels: AsyncApiDocument['channels']) => Object.entries(channels).toSorted(([a], [b]) => (a < b ? -1 : 1));

const eventsOf = ({ channels }: AsyncApiDocument): readonly Event[] =>
  sorted(channels).flatMap(([id, { messages }]) => (isMessage(messages['event']) ? [{ id, event: messages['event'] }] : []));

const callsOf = ({ channels, operations }: AsyncApiDocument): readonly Call[] =>
  sorted(channels).flatMap(
    ([
      id,
      {
        messages: { call, ack },
      },
    ]) => {
      const sending = Object.entries(operations).find(
        ([, { action, channel }]) => action === 'send' && channel.$ref === `#/channels/${id}`,
      );
      return isMessage(call) && isMessage(ack) && sending !== undefined ? [{ id, name: sending[0], call, ack, sending: sending[1] }] : [];
    },
  );

function callSection({
  id,
  call,
  ack,
  sending: { 'x-errors': errors = [], 'x-aliases': aliases = [], 'x-idempotency-key': isKeyed },
}: Call): Html {
  return html`<section class="message" data-find="${[call.name, ...aliases].join(' ')}" data-call="${call.name}">
<h3 id="call-${id}"><code>${call.name}</code><a class="anchor" href="#call-${id}" aria-label="Link to ${call.name}">#</a></h3>
<p>${inline(call.summary)}${aliases.length === 0 ? nothing : html` Also called ${codes(aliases)}.`}${isKeyed ? html` Takes <code>idempotencyKey</code>.` : nothing}</p>
${fields(call.payload)}
<div class="pair"><div><h4>Input</h4>${example(call)}</div><div><h4>Acknowledgement</h4>${example(ack)}</div></div>
${errors.length === 0 ? nothing : html`<p class="quiet">Or an error: ${errorCodes(errors)}</p>`}
</section>`;
}

const eventSection = ({ id, event }: Event): Html => html`<section class="message" data-find="${event.name}">
<h3 id="event-${id}"><code>${event.name}</code><a class="anchor" href="#event-${id}" aria-label="Link to ${event.name}">#</a></h3>
<p>${inline(event.summary)}</p>
${fields(event.payload)}${example(event)}
</section>`;

const example = ({ examples: [first] }: AsyncApiMessage): Html => (first === undefined ? nothing : json(first.payload));
