import type { ServerEvent } from '@coucou/contracts/kernel/event';
import { ErrorBody } from '@coucou/contracts/kernel/error';
import { boundSessionErrors, type Operation, socketNames } from '@coucou/contracts/kernel/operation';
import { id, time } from '@coucou/contracts/kernel/types';
import { z } from 'zod';
import { exampleOf, inputExamples } from './example.ts';
import { contactOf, type DocumentInfo } from './info.ts';
import { createSchemas, type JsonSchema, type Schemas } from './json-schema.ts';
import { tagsOf } from './tags.ts';

/** `aliases`: further names of the same call. */
type SocketCall = Pick<Operation, 'name' | 'summary' | 'access' | 'input' | 'output' | 'errors' | 'idempotencyKey'> &
  Readonly<{ event: string; aliases: readonly string[] }>;

export type AsyncApiMessage = Readonly<{
  name: string;
  title: string;
  summary: string;
  payload: JsonSchema;
  examples: readonly Readonly<{ name: string; payload: unknown }>[];
}>;

type Reference = Readonly<{ $ref: string }>;

/** The messages of an alias are references to those of the call's own name. */
export type AsyncApiChannel = Readonly<{
  address: string;
  title: string;
  messages: Readonly<Record<string, AsyncApiMessage | Reference>>;
}> &
  Readonly<Record<string, unknown>>;

type AsyncApiOperation = Readonly<{
  action: 'send' | 'receive';
  summary: string;
  description: string;
  security: readonly Reference[];
  channel: Reference;
  messages: readonly object[];
  reply?: object;
  'x-errors'?: readonly string[];
  'x-aliases'?: readonly string[];
  'x-idempotency-key'?: true;
}>;

export type AsyncApiDocument = Readonly<{
  asyncapi: '3.0.0';
  info: Readonly<{ title: string; version: string; description: string }>;
  channels: Readonly<Record<string, AsyncApiChannel>>;
  operations: Readonly<Record<string, AsyncApiOperation>>;
  components: Readonly<{ schemas: Readonly<Record<string, JsonSchema>> }>;
}> &
  Readonly<Record<string, unknown>>;

const DESCRIPTION = `Written from the client's point of view: it sends calls and receives events. A channel is the name of an event.

**Socket.IO** at \`/socket.io\`: \`socket.emit(name, input, acknowledge)\`; the token goes into \`auth.token\`, and the proof of a bound session into \`auth.dpop\`.

**Plain WebSocket** at \`/ws\`: JSON arrays, one per text frame. First \`["connect", {"token": "…"}]\`, then \`[name, input, id]\`, answered by
\`["ack", id, result]\`; events come as \`[name, payload]\`.

A call is named as its operation is in OpenAPI, and takes all of its input as one object: what HTTP has in the path is a field of it. Some calls have an alias with a
colon, which is the same call.

A call with an idempotency key has it beside its input: \`emit(operation, input, {idempotencyKey}, ack)\`, plain \`[operation, input, id, {idempotencyKey}]\`. Operations marked
\`x-idempotency-key\` take one, others ignore it. What an earlier call with the key was answered is acknowledged with \`replayed: true\` beside \`data\`.

Every call is acknowledged by \`{ok: true, data}\` or \`{ok: false, error}\`. Clients ignore events and fields that they do not know.`;

const TOKEN = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: 'The access token of a session: in the handshake, or by `authenticate`.',
};
const security: readonly Reference[] = [{ $ref: '#/components/securitySchemes/token' }];

/** The first call of a connection that came without a token; the connection itself answers it, so no module lists it. */
const authenticate: SocketCall = {
  name: 'connection.authenticate',
  access: 'public',
  summary: 'Present an access token: within 10 seconds of connecting without one, and again before it expires.',
  event: 'authenticate',
  aliases: [],
  input: z.strictObject({
    token: z.string().meta({ examples: ['eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTkzNmQyZSJ9.c2lnbmF0dXJl'] }),
    dpop: z
      .string()
      .optional()
      .meta({
        description:
          'for a session that is bound to a key (RFC 9449): `htm` GET, `htu` the address of the server with `/socket.io` or `/ws`',
        examples: ['eyJ0eXAiOiJkcG9wK2p3dCJ9.eyJqdGkiOiIxIn0.c2lnbmF0dXJl'],
      }),
  }),
  output: z.object({ userId: id('user'), expiresAt: time }),
  errors: ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'SESSION_REVOKED', 'FORBIDDEN', ...boundSessionErrors],
};

/** The socket side of the contract as an AsyncAPI 3.0 document, one for Socket.IO and plain WebSocket: they differ in framing only. */
export function asyncApiDocument(operations: readonly Operation[], events: readonly ServerEvent[], info: DocumentInfo): AsyncApiDocument {
  const schemas = createSchemas('draft-7');
  const calls = [authenticate, ...operations.flatMap(callOf)].toSorted(byName);
  const sent = events.toSorted(byName);
  const channels = new Map<string, AsyncApiChannel>();
  const described: Record<string, AsyncApiDocument['operations'][string]> = {};

  for (const call of calls) {
    addMessages(channels, call.event, { call: callMessage(call, schemas), ack: ackMessage(call, schemas) });
    described[call.name] = {
      ...sending(call.event, call.summary, call.access),
      ...(call.errors.length === 0 ? {} : { 'x-errors': call.errors }),
      ...(call.idempotencyKey === undefined ? {} : { 'x-idempotency-key': true as const }),
      ...(call.aliases.length === 0 ? {} : { 'x-aliases': call.aliases }),
    };
    for (const alias of call.aliases) {
      addMessages(channels, alias, { call: messageRef(call.event, 'call'), ack: messageRef(call.event, 'ack') });
      described[`alias.${identifier(alias)}`] = sending(alias, `The same as ${call.event}.`, call.access);
    }
  }
  for (const event of sent) {
    addMessages(channels, event.name, { event: eventMessage(event, schemas) });
    described[`event.${identifier(event.name)}`] = {
      action: 'receive',
      summary: event.summary,
      description: 'An event from the server.',
      security,
      channel: channelRef(event.name),
      messages: [messageRef(event.name, 'event')],
    };
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Coucou',
      version: info.version,
      description: DESCRIPTION,
      contact: contactOf(info),
      tags: tagsOf(calls.map(({ name }) => name.split('.', 1)[0] ?? name)),
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: serversOf(info),
    channels: Object.fromEntries(channels),
    operations: described,
    components: { schemas: titled(schemas.components()), securitySchemes: { token: TOKEN } },
  } as AsyncApiDocument;
}

const byName = (a: Readonly<{ name: string }>, b: Readonly<{ name: string }>): number => (a.name < b.name ? -1 : 1);

function callOf(operation: Operation): SocketCall[] {
  const [event, ...aliases] = socketNames(operation);
  return event === undefined ? [] : [{ ...operation, event, aliases }];
}

const sending = (event: string, summary: string, access: Operation['access']) => ({
  action: 'send' as const,
  summary,
  description: `A call${access === 'admin' ? ' for owners and admins of the account' : ''}, answered by its acknowledgement.`,
  security,
  channel: channelRef(event),
  messages: [messageRef(event, 'call')],
  reply: { channel: channelRef(event), messages: [messageRef(event, 'ack')] },
});

/** `message:new` → `MessageNew`: what generators name the type of a payload by. */
const typeName = (name: string): string =>
  name
    .split(/\W+|_/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

/** A reference has no title of its own in draft 7; its target has one. */
const entitled = (schema: JsonSchema, title: string): JsonSchema => (schema.$ref === undefined ? { title, ...schema } : schema);

const titled = (components: Readonly<Record<string, JsonSchema>>): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries(Object.entries(components).map(([name, schema]) => [name, entitled(schema, name)]));

/** Event names contain colons, which references and code generators do not support. Dots stay: `presence.set` is not `presence:set`. */
const identifier = (name: string): string => name.replaceAll(/[^\w.]+/g, '_');

const channelRef = (name: string) => ({ $ref: `#/channels/${identifier(name)}` });
const messageRef = (name: string, message: string) => ({ $ref: `#/channels/${identifier(name)}/messages/${message}` });

/** A name can be both a call and an event (`typing`): it is one channel then. */
function addMessages(channels: Map<string, AsyncApiChannel>, name: string, messages: AsyncApiChannel['messages']): void {
  const known = channels.get(identifier(name))?.messages;
  const bindings = { ws: { method: 'GET', bindingVersion: '0.1.0' } };
  channels.set(identifier(name), { address: name, title: name, messages: { ...known, ...messages }, bindings });
}

function serversOf({ url = 'http://localhost:3000' }: DocumentInfo): object {
  const { host, protocol, pathname } = new URL(url);
  const scheme = protocol === 'https:' ? 'wss' : 'ws';
  const base = pathname.replace(/\/+$/, '');
  return {
    socketio: { host, pathname: `${base}/socket.io`, protocol: scheme, description: 'Socket.IO 4, for stock clients.' },
    websocket: { host, pathname: `${base}/ws`, protocol: scheme, description: 'Plain WebSocket: JSON arrays, one per text frame.' },
  };
}

function callMessage({ event, summary, input }: SocketCall, schemas: Schemas): AsyncApiMessage {
  const payload = entitled(schemas.of(input, 'input'), `${typeName(event)}Call`);
  const examples = inputExamples(input, payload, schemas.components()).map((example) => ({ name: 'input', payload: example }));
  return { name: event, title: `${event} (call)`, summary, payload, examples };
}

const replayed = z
  .literal(true)
  .meta({ description: 'an earlier call with this idempotency key took effect, and this is what it was answered' });

function ackMessage({ event, output, idempotencyKey }: SocketCall, schemas: Schemas): AsyncApiMessage {
  const name = typeName(event);
  const done = z.object({ ok: z.literal(true), ...(output && { data: output }), ...(idempotencyKey && { replayed: replayed.optional() }) });
  const refused = z.object({ ok: z.literal(false), error: ErrorBody });
  const result = z.union([done.meta({ title: `${name}Done` }), refused.meta({ title: `${name}Refused` })]);
  const payload = entitled(schemas.of(result, 'output'), `${name}Ack`);
  const examples = [{ name: 'done', payload: exampleOf(payload, schemas.components()) }];
  return { name: `${event}:ack`, title: `${event} (acknowledgement)`, summary: 'The result, or what went wrong.', payload, examples };
}

function eventMessage({ name, summary, payload: type }: ServerEvent, schemas: Schemas): AsyncApiMessage {
  const payload = entitled(schemas.of(type, 'output'), `${typeName(name)}Event`);
  return { name, title: name, summary, payload, examples: [{ name: 'payload', payload: exampleOf(payload, schemas.components()) }] };
}
