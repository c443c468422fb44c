import { type Operation, socketNames } from '@coucou/contracts/kernel/operation';
import type { ErrorDefinition } from '@coucou/domain/kernel/errors';
import { exampleOf, inputExamples } from './example.ts';
import { contactOf, type DocumentInfo } from './info.ts';
import { createSchemas, type JsonSchema, resolve, type Schemas } from './json-schema.ts';
import { createErrorResponses, type ErrorResponses } from './openapi-errors.ts';
import { callersOf, securityOf, securitySchemes } from './openapi-security.ts';
import { systemPaths } from './openapi-system.ts';
import { tagsOf } from './tags.ts';

type HttpOperation = Operation & Required<Pick<Operation, 'http'>>;
type Paths = Readonly<Record<string, Readonly<Record<string, object>>>>;

export type OpenApiDocument = Readonly<{
  openapi: string;
  info: Readonly<{ title: string; version: string; description: string }>;
  paths: Paths;
  components: Readonly<{ schemas: Readonly<Record<string, JsonSchema>> } & Record<string, object>>;
}> &
  Readonly<Record<string, unknown>>;

const DESCRIPTION = `REST under \`/api/v1\`, JSON in camelCase, times in UTC with milliseconds (taken in any form of RFC 3339), ids as UUIDv7.

Send the access token, or the API key of a server, as \`Authorization: Bearer …\`; calls without one name their account by \`X-Client-Key\`, or are of the account \`default\`.
A browser may have its refresh token as a cookie: sign in with \`mode: "cookie"\`, send cookies along (\`credentials: "include"\`), and the answer's
\`csrfToken\` as \`X-CSRF-Token\` with every refresh. Each account has a cookie of its own, so name the account where it is not \`default\`.
Fields that do not apply are absent. Clients ignore fields that they do not know; the server refuses them.
An operation with the parameter \`Idempotency-Key\` can be called again without a second effect; others ignore that header.
One with \`If-None-Match\` answers an \`ETag\`; keep it with the answer and send it the next time, and an unchanged answer is not sent again.
Errors have one shape, and a \`code\` to switch on. Every answer carries \`X-Request-Id\`.`;

/** The REST side of the contract as an OpenAPI 3.1 document. Throws when an operation names an error that the catalogue does not hold. */
export function openApiDocument(
  operations: readonly Operation[],
  catalogue: readonly ErrorDefinition[],
  info: DocumentInfo,
): OpenApiDocument {
  const schemas = createSchemas('draft-2020-12');
  const errors = createErrorResponses(catalogue, schemas);
  const carried = operations
    .filter((operation): operation is HttpOperation => operation.http !== undefined)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of carried) {
    const path = `/api/v1${operation.http.path.replaceAll(/:(\w+)/g, '{$1}')}`;
    (paths[path] ??= {})[operation.http.method.toLowerCase()] = describe(operation, schemas, errors);
  }
  const tags = tagsOf([...carried.map(feature), 'system']);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Coucou',
      version: info.version,
      description: DESCRIPTION,
      contact: contactOf(info),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: info.url ?? '/' }],
    tags,
    paths: { ...sorted(paths), ...systemPaths(schemas) },
    components: {
      schemas: schemas.components(),
      ...errors.components(),
      parameters: headerParameterSchemas,
      securitySchemes,
    },
  } as OpenApiDocument;
}

const keyIs = (description: string): object => ({
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
});

const headerParameterSchemas = {
  IdempotencyKey: keyIs(
    'An idempotency key chosen by the client, for example a UUID; use a new one for each operation. For 24 hours, a repeat of the request with the same key has no further effect and returns the stored answer.',
  ),
  IdempotencyKeyOfMessage: keyIs(
    'An idempotency key chosen by the client; use a new one for each message. It replaces `clientMessageId` where that is absent, and is valid for as long as the message exists.',
  ),
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: 'The `ETag` of an answer that the client holds: where it would be answered the same, the answer is 304 without a body.',
    schema: { type: 'string' },
  },
};

const feature = ({ name }: Operation): string => name.split('.', 1)[0] ?? name;

const sorted = (paths: Paths): Paths => Object.fromEntries(Object.entries(paths).toSorted(([a], [b]) => (a < b ? -1 : 1)));

function describe(operation: HttpOperation, schemas: Schemas, errors: ErrorResponses): object {
  const { name, summary, http } = operation;
  const events = socketNames(operation);
  const input = schemas.of(operation.input, 'input');
  const inPath = new Set([...http.path.matchAll(/:(\w+)/g)].map(([, parameter = '']) => parameter));
  const inUrl = http.method === 'GET' || (http.method === 'DELETE' && http.body !== true) || http.file === 'lines';
  const parameters = [...parametersOf(input, schemas, inPath, inUrl), ...headerParameters(operation)];
  const { signed, also = [] } = http;
  return {
    operationId: name,
    tags: [feature(operation)],
    summary,
    description: [
      callersOf(operation),
      ...(also.length === 0 ? [] : [`Also at ${also.map((path) => `\`${path}\``).join(' and ')}.`]),
      ...(events.length === 0 ? [] : [`Also on sockets, as the event ${events.map((event) => `\`${event}\``).join(' or ')}.`]),
    ].join(' '),
    security: securityOf(operation),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(http.file === 'lines'
      ? linesBody
      : signed
        ? signedBody(signed.example)
        : inUrl
          ? {}
          : requestBody(operation, input, schemas, inPath)),
    responses: { ...success(operation, schemas, setsCookie(operation, input, schemas)), ...errors.of(operation) },
  };
}

const headerParameters = ({ idempotencyKey, conditional, http: { signed } }: HttpOperation): readonly object[] => [
  ...(signed === undefined
    ? []
    : [
        {
          name: signed.header,
          in: 'header',
          required: true,
          description: 'The signature over the bytes of the body.',
          schema: { type: 'string' },
        },
      ]),
  ...(idempotencyKey === undefined
    ? []
    : [{ $ref: `#/components/parameters/${idempotencyKey === 'record' ? 'IdempotencyKey' : 'IdempotencyKeyOfMessage'}` }]),
  ...(conditional === undefined ? [] : [{ $ref: '#/components/parameters/IfNoneMatch' }]),
];

/** In cookie mode, or with the cookie of a session that it renews or ends. */
function setsCookie({ answersToken, refreshCookie, http }: HttpOperation, input: JsonSchema, schemas: Schemas): boolean {
  if (refreshCookie !== undefined) return http.method !== 'GET';
  return answersToken === true && choicesOf(input, schemas.components()).some(({ properties = {} }) => 'mode' in properties);
}

/** The objects that an input can be: one, or several to choose from. */
const choicesOf = (input: JsonSchema, components: Readonly<Record<string, JsonSchema>>): readonly JsonSchema[] =>
  (input.oneOf ?? input.anyOf ?? [input]).map((choice) => resolve(choice, components));

function parametersOf(input: JsonSchema, schemas: Schemas, inPath: ReadonlySet<string>, inUrl: boolean): readonly object[] {
  const choices = choicesOf(input, schemas.components());
  const properties = new Map(choices.flatMap(({ properties: fields = {} }) => Object.entries(fields)));
  return [...properties]
    .filter(([name]) => inPath.has(name) || inUrl)
    .map(([name, { description, ...schema }]) => ({
      name,
      in: inPath.has(name) ? 'path' : 'query',
      required: inPath.has(name) || choices.every(({ required = [] }) => required.includes(name)),
      ...(description === undefined ? {} : { description }),
      schema,
    }));
}

function requestBody(operation: HttpOperation, input: JsonSchema, schemas: Schemas, inPath: ReadonlySet<string>): object {
  const bodies = choicesOf(input, schemas.components()).map((choice) => without(choice, inPath));
  if (bodies.every(({ properties = {} }) => Object.keys(properties).length === 0)) return {};
  const examples = inputExamples(operation.input, input, schemas.components()).map((example) =>
    Object.fromEntries(Object.entries(example).filter(([name]) => !inPath.has(name))),
  );
  return {
    requestBody: {
      required: bodies.every(({ required = [] }) => required.length > 0),
      content: {
        ...(operation.http.file === 'upload' ? fileForm : {}),
        'application/json': {
          // A type with a name keeps it, unless a part of it is in the path.
          schema:
            input.$ref !== undefined && inPath.size === 0 ? { $ref: input.$ref } : bodies.length === 1 ? bodies[0] : { oneOf: bodies },
          ...(examples.length === 0
            ? {}
            : {
                examples: Object.fromEntries(
                  examples.map((value, index) => [examples.length === 1 ? 'example' : `example${index + 1}`, { value }]),
                ),
              }),
        },
      },
    },
  };
}

/** A body's part of an input: all but what is in the path. */
function without(input: JsonSchema, names: ReadonlySet<string>): JsonSchema {
  const { examples: _, required = [], properties = {}, ...open } = input;
  const needed = required.filter((name) => !names.has(name));
  return {
    ...open,
    properties: Object.fromEntries(Object.entries(properties).filter(([name]) => !names.has(name))),
    ...(needed.length === 0 ? {} : { required: needed }),
  };
}

/** As the service that signs it defines it. */
const signedBody = (value: object): object => ({
  requestBody: { required: true, content: { 'application/json': { schema: { type: 'object' }, examples: { example: { value } } } } },
});

/** A file sent with the call itself. */
const fileForm = {
  'multipart/form-data': {
    schema: { type: 'object', properties: { file: { type: 'string', contentMediaType: 'application/octet-stream' } }, required: ['file'] },
  },
};

const fileAnswers = (headers: object): object => {
  const content = { '*/*': { schema: { type: 'string', contentMediaType: 'application/octet-stream' } } };
  return {
    200: { description: 'The file. A private cache may keep it, and asks each time by its ETag.', headers, content },
    206: { description: 'The part that the Range header asks for.', headers, content },
    304: { description: 'The client has it already.', headers },
  };
};

/** Objects line by line, as many as there are. */
const linesBody = {
  requestBody: {
    required: true,
    content: { 'application/x-ndjson': { schema: { type: 'string', contentMediaType: 'application/x-ndjson' } } },
  },
};

const archiveAnswer = (headers: object): object => ({
  200: {
    description: 'A tar archive, compressed with gzip, made while it is sent. One without an end is incomplete.',
    headers,
    content: { 'application/gzip': { schema: { type: 'string', contentMediaType: 'application/gzip' } } },
  },
});

const ndjsonAnswer = (headers: object): object => ({
  200: {
    description: 'A JSON object a line, made while it is sent. A transfer that breaks off is incomplete.',
    headers,
    content: { 'application/x-ndjson': { schema: { type: 'string', contentMediaType: 'application/x-ndjson' } } },
  },
});

const locationHeader = { Location: { description: 'Where to.', schema: { type: 'string', format: 'uri' } } };

function success({ http, output, idempotencyKey, conditional }: HttpOperation, schemas: Schemas, withCookie: boolean): object {
  const headers = {
    'X-Request-Id': { $ref: '#/components/headers/RequestId' },
    ...(withCookie && { 'Set-Cookie': { $ref: '#/components/headers/SetCookie' } }),
    ...(idempotencyKey !== undefined && { 'Idempotency-Replayed': { $ref: '#/components/headers/IdempotencyReplayed' } }),
    ...(conditional !== undefined && { ETag: { $ref: '#/components/headers/ETag' } }),
  };
  if (http.file === 'download') return fileAnswers(headers);
  if (http.file === 'archive') return archiveAnswer(headers);
  if (http.file === 'ndjson') return ndjsonAnswer(headers);
  if (http.redirect === true) return { [http.status]: { description: 'The browser goes on.', headers: { ...headers, ...locationHeader } } };
  if (output === undefined) return { 204: { description: 'Done.', headers } };
  const schema = schemas.of(output, 'output');
  const examples = { example: { value: exampleOf(schema, schemas.components()) } };
  const content = { 'application/json': { schema, examples } };
  return {
    ...(http.existing === undefined ? {} : { [http.existing]: { description: 'It was there already.', headers, content } }),
    [http.status]: { description: http.status === 201 ? 'Made.' : 'The answer.', headers, content },
    ...(conditional === undefined ? {} : { 304: { description: 'The client holds this answer already.', headers } }),
  };
}
