import { createMetrics } from '@coucou/observability/metrics';
import type { Call } from '@coucou/application/kernel/call';
import type { Operation } from '@coucou/contracts/kernel/operation';
import { authErrors } from '@coucou/domain/auth/session';
import { errors } from '@coucou/domain/kernel/errors';
import { type AccountId, asId } from '@coucou/domain/kernel/ids';
import { asyncApiDocument } from '@coucou/docs/asyncapi';
import { homeRoutes } from '@coucou/docs/home/routes';
import { pages } from '@coucou/docs/pages';
import { createOriginPolicy } from '@coucou/security/origins';
import { openApiDocument } from '@coucou/docs/openapi';
import { createHttpServer, type HttpServerOptions } from '@coucou/http/server';
import { coreCatalogue } from '../support/coucou.ts';
import { createCsrfTokens } from '@coucou/security/csrf-tokens';
import { createCursors } from '@coucou/security/cursors';
import { createRefreshTokens } from '@coucou/security/refresh-tokens';
import { createErrorBody } from '@coucou/application/kernel/error-body';
import { createExecute } from '@coucou/application/kernel/execute';
import type { ReadyOperation } from '@coucou/application/kernel/execute';
import { z } from 'zod';

export type LogLine = { level: string; message: string } & Record<string, unknown>;

/** Keeps what is logged. */
function recorder(): { log: HttpServerOptions['log']; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const write =
    (level: string) =>
    (fields: unknown, message = ''): void =>
      void lines.push({ ...(fields as object), level, message });
  const log = { level: 'trace', silent: () => undefined, child: () => log } as unknown as HttpServerOptions['log'];
  for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const) log[level] = write(level);
  return { log, lines };
}

const accounts = new Map([
  ['default', 'account-default'],
  ['acme', 'account-acme'],
]);

/** What a stub answers with: what it was called with. */
const echo = z.object({
  input: z.unknown(),
  account: z.string(),
  namedAccount: z.string().optional(),
  userId: z.string().optional(),
  ip: z.string(),
  userAgent: z.string(),
});

const stub = (operation: Omit<Operation, 'summary' | 'errors'>, run?: ReadyOperation['run']): ReadyOperation<Operation> => ({
  operation: { summary: operation.name, errors: [], ...operation },
  run:
    run ??
    (async (input, call: Call) => ({
      existing: (input as { again?: boolean }).again === true,
      body: {
        input,
        account: call.account,
        namedAccount: call.namedAccount,
        ...(call.actor ? { userId: call.actor.userId } : {}),
        ...call.client,
      },
    })),
});

const Note = z.strictObject({ noteId: z.string(), text: z.string().max(100).optional(), again: z.boolean().optional() });
const Listing = z.strictObject({ noteId: z.string(), limit: z.int().default(10), tags: z.array(z.string()).optional() });

export const stubOperations: readonly ReadyOperation<Operation>[] = [
  stub({
    name: 'notes.ping',
    http: { method: 'POST', path: '/ping', status: 200 },
    access: 'public',
    input: z.strictObject({}),
    output: echo,
  }),
  stub({ name: 'notes.list', http: { method: 'GET', path: '/notes/:noteId', status: 200 }, access: 'user', input: Listing, output: echo }),
  stub({
    name: 'notes.put',
    http: { method: 'PUT', path: '/notes/:noteId', status: 201, existing: 200 },
    access: 'user',
    input: Note,
    output: echo,
  }),
  stub({ name: 'notes.delete', http: { method: 'DELETE', path: '/notes/:noteId', status: 204 }, access: 'user', input: Note }),
  stub(
    { name: 'notes.fail', http: { method: 'POST', path: '/fail', status: 200 }, access: 'public', input: z.strictObject({}) },
    async () => {
      throw Object.assign(new Error('the database says no', { cause: new Error('secret-cause') }), {
        detail: 'Key (email)=(alice@example.com)',
      });
    },
  ),
  stub(
    { name: 'notes.overload', http: { method: 'POST', path: '/overload', status: 200 }, access: 'public', input: z.strictObject({}) },
    async () => {
      throw errors.OVERLOADED();
    },
  ),
  stub({
    name: 'notes.renew',
    http: { method: 'POST', path: '/renew', status: 200 },
    access: 'public',
    answersToken: true,
    input: z.strictObject({}),
    output: echo,
  }),
  stub(
    { name: 'notes.hurry', http: { method: 'POST', path: '/hurry', status: 200 }, access: 'public', input: z.strictObject({}) },
    async () => {
      throw errors.RATE_LIMITED({ limit: 3, window: 60, retryAfterSeconds: 41.2 });
    },
  ),
  stub(
    { name: 'notes.wait', http: { method: 'POST', path: '/wait', status: 200 }, access: 'public', input: z.strictObject({}) },
    () => new Promise(() => undefined),
  ),
  stub({
    name: 'notes.administer',
    http: { method: 'POST', path: '/admin/notes', status: 200 },
    access: 'admin',
    input: z.strictObject({}),
    output: echo,
  }),
  stub({ name: 'notes.whisper', socket: 'note:whisper', access: 'user', input: z.strictObject({}) }),
];

/** The HTTP server over stubs: two accounts, and tokens `alice` (default), `bob` (acme) and `expired`. */
export function stubServer(changes: Partial<HttpServerOptions> = {}): { app: ReturnType<typeof createHttpServer>; lines: LogLine[] } {
  const { log, lines } = recorder();
  const operations = stubOperations.map(({ operation }) => operation);
  const documents = {
    openapi: async () => openApiDocument(operations, coreCatalogue.errors, { version: '1.2.3' }),
    asyncapi: async () => asyncApiDocument(operations, [], { version: '1.2.3' }),
  };
  let made = 0;
  const app = createHttpServer({
    metrics: createMetrics(),
    operations: stubOperations,
    execute: createExecute({
      validateOutput: true,
      cursors: createCursors('a secret'),
      roleOf: async (_, userId) => (userId === 'alice' ? 'owner' : 'member'),
    }),
    tokens: {
      issue: () => Promise.reject(new Error('not here')),
      verify: async (token) => {
        if (token === 'expired') throw authErrors.TOKEN_EXPIRED();
        const account = { alice: 'account-default', bob: 'account-acme' }[token];
        if (account === undefined) throw errors.UNAUTHENTICATED();
        return { account: asId(account), actor: { userId: asId(token), sessionId: asId('session') }, rotation: 0, expiresAt: new Date(0) };
      },
    },
    programs: {
      recognise: async (token) => {
        if (token === 'operator') return { account: undefined, program: { by: 'operator' } };
        if (token !== 'key') return undefined;
        return { account: asId('account-acme'), program: { by: 'apiKey', id: asId('k'), scopes: ['notes:read'] } };
      },
    },
    accounts: { byClientKey: async (key) => accounts.get(key) as AccountId | undefined },
    health: [],
    documents,
    version: '1.2.3',
    pages: [
      homeRoutes({ version: '1.2.3', variantFor: async () => 'none' }),
      pages({ documents, operations, catalogue: coreCatalogue.errors, version: '1.2.3', demo: false }),
    ],
    discovery: { name: 'Coucou' },
    jwks: async () => ({ keys: [] }),
    log,
    origins: createOriginPolicy(['local']),
    proofs: { nonce: () => 'a nonce', verify: () => Promise.reject(new Error('not here')) },
    cookies: { secure: true, refreshTokens: createRefreshTokens('a secret'), csrfTokens: createCsrfTokens('a secret') },
    trustProxy: [],
    production: true,
    maxPayload: 65_536,
    errorBody: createErrorBody(),
    ids: { next: () => asId(`id-${++made}`) },
    ...changes,
  });
  return { app, lines };
}

export const as = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
