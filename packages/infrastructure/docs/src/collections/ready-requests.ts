import type { OpenApiDocument } from '../openapi.ts';
import { type Described, type Request, requestsOf } from '../requests.ts';
import type { Tag } from '../tags.ts';

type Value = Readonly<{ name: string; value: string; description: string }>;

/** One request of a collection, as any client for requests has it; `{{name}}` stands for a variable. */
export type ReadyRequest = Readonly<{
  name: string;
  summary: string;
  description: string;
  method: string;
  /** With path parameters as `:name`. */
  path: string;
  pathValues: readonly Value[];
  query: readonly (Value & Readonly<{ required: boolean }>)[];
  /** The variable of the bearer token; without one the account is named by its client key. */
  token: 'accessToken' | 'apiKey' | 'systemKey' | undefined;
  body: string | undefined;
  /** What of the answer is kept for the requests after it: variables, and where their values are. */
  keeps: Readonly<Record<string, string>>;
}>;

export type Folder = Readonly<{ name: string; description: string; requests: readonly ReadyRequest[] }>;

/** The variables of a collection, and what they hold at first. */
export const variables: Readonly<Record<string, string>> = {
  baseUrl: 'http://127.0.0.1:3000',
  clientKey: 'default',
  accessToken: '',
  refreshToken: '',
  apiKey: '',
  systemKey: '',
  userId: '',
  conversationId: '',
  messageId: '',
};

const session = { accessToken: 'accessToken', refreshToken: 'refreshToken', userId: 'user.id' };
const keeps: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'auth.signup': session,
  'auth.login': session,
  'auth.refresh': session,
  'conversations.create': { conversationId: 'id' },
  'messages.send': { messageId: 'id' },
};

/** The id in examples of the documents, which no server has. */
const EXAMPLE_ID = '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f';

function valueOf(name: string, example: unknown): unknown {
  if (name === 'clientMessageId') return '{{$randomUUID}}';
  if (Object.hasOwn(variables, name)) return `{{${name}}}`;
  // Refers to something that is not there.
  return JSON.stringify(example).includes(EXAMPLE_ID) ? undefined : example;
}

function bodyOf({ requestBody }: Described): string | undefined {
  const [example] = Object.values(requestBody?.content['application/json']?.examples ?? {});
  if (example === undefined) return requestBody === undefined ? undefined : '';
  const fields = Object.entries(example.value as object).map(([name, value]) => [name, valueOf(name, value)] as const);
  return JSON.stringify(Object.fromEntries(fields.filter(([, value]) => value !== undefined)), null, 2);
}

function tokenOf({ security }: Described): ReadyRequest['token'] {
  if (security.some((way) => 'bearer' in way)) return 'accessToken';
  if (security.some((way) => 'systemKey' in way)) return 'systemKey';
  return security.some((way) => 'apiKey' in way) ? 'apiKey' : undefined;
}

function ready({ method, path, operation, parameters }: Request): ReadyRequest {
  const at = (place: 'path' | 'query') => parameters.filter((each) => each.in === place);
  const described = ({ name, in: place, required, description = '', schema }: Request['parameters'][number]): Value => {
    const value = valueOf(name, schema.examples?.[0] ?? schema.default ?? '') ?? '';
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const needed = place === 'path' ? EXAMPLE_ID : required ? 'lunch' : '';
    return { name, value: text || needed, description };
  };
  return {
    name: operation.operationId,
    summary: operation.summary,
    description: operation.description ?? '',
    method: method.toUpperCase(),
    path: path.replaceAll(/\{(\w+)\}/g, ':$1'),
    pathValues: at('path').map(described),
    query: at('query').map((each) => ({ ...described(each), required: each.required })),
    token: tokenOf(operation),
    body: bodyOf(operation),
    keeps: keeps[operation.operationId] ?? {},
  };
}

/** The operations of a document by tag, with values that can be sent. */
export function foldersOf(document: OpenApiDocument): readonly Folder[] {
  const byTag = Map.groupBy(requestsOf(document), ({ operation }) => operation.tags[0] ?? '');
  return (document['tags'] as readonly Tag[])
    .map(({ name, description }) => ({ name, description, requests: (byTag.get(name) ?? []).map(ready) }))
    .filter(({ requests }) => requests.length > 0);
}
