import { ErrorBody } from '@coucou/contracts/kernel/error';
import { accessErrors, boundSessionErrors, commonErrors, idempotencyErrors, type Operation } from '@coucou/contracts/kernel/operation';
import { type ErrorDefinition, errors as coreErrors } from '@coucou/domain/kernel/errors';
import { ERRORS_PAGE, httpStatus } from '@coucou/application/kernel/error-body';
import type { Schemas } from './json-schema.ts';

export interface ErrorResponses {
  /** The error answers of one operation, by status, with an example of each code. */
  readonly of: (operation: Operation) => Readonly<Record<string, object>>;
  readonly components: () => Readonly<Record<string, object>>;
}

/** Only a call with a body can have these. */
const bodyErrors: ReadonlySet<string> = new Set(['MALFORMED_JSON', 'UNSUPPORTED_MEDIA_TYPE', 'PAYLOAD_TOO_LARGE']);

const details: Readonly<Record<string, unknown>> = {
  RATE_LIMITED: { policy: 'rest', limit: 100, window: 60, retryAfterSeconds: 1 },
  VALIDATION_FAILED: [{ path: ['content'], rule: 'too_small', message: 'must have 1 to 5000 characters' }],
};

/** Errors that any operation can answer over HTTP, in addition to its own. */
function codesOf({ http, access, whileUnproven, answersToken, idempotencyKey, errors }: Operation): readonly string[] {
  const hasBody = http !== undefined && http.method !== 'GET' && (http.method !== 'DELETE' || http.body === true);
  const writes = http !== undefined && http.method !== 'GET';
  return [
    ...errors,
    ...commonErrors.filter((code) => hasBody || !bodyErrors.has(code)),
    // A public operation can be called with an invalid token or client key.
    ...(access === 'public'
      ? ['UNAUTHENTICATED', 'TOKEN_EXPIRED', ...(answersToken === true ? boundSessionErrors : [])]
      : accessErrors[access].filter((code) => whileUnproven !== true || code !== 'EMAIL_NOT_VERIFIED')),
    'FORBIDDEN',
    ...(idempotencyKey === undefined ? [] : idempotencyErrors[idempotencyKey]),
    ...(writes ? ['ORIGIN_REFUSED'] : []),
  ];
}

export function createErrorResponses(catalogue: readonly ErrorDefinition[], schemas: Schemas): ErrorResponses {
  const byCode = new Map(catalogue.map((definition) => [definition.code, definition]));
  const schema = schemas.of(ErrorBody, 'output');
  const used = new Map<string, ErrorDefinition>();
  const responses = new Map<string, object>();

  const definitionOf = (code: string, name: string): ErrorDefinition => {
    const definition = byCode.get(code);
    if (definition === undefined) throw new Error(`${name} can answer ${code}, which is not in the error catalogue.`);
    used.set(code, definition);
    return definition;
  };

  const response = (status: number, alike: readonly ErrorDefinition[]): object => ({
    description: alike.map(({ code }) => `\`${code}\``).join(', '),
    headers: headersOf(status, alike.some(passes)),
    content: {
      'application/json': {
        schema,
        examples: Object.fromEntries(alike.map(({ code }) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  });

  return {
    of(operation) {
      const definitions = [...new Set(codesOf(operation))].toSorted().map((code) => definitionOf(code, operation.name));
      const byStatus = Map.groupBy(definitions, ({ kind }) => httpStatus[kind]);
      return Object.fromEntries(
        [...byStatus].map(([status, alike]) => {
          // Named by what it can say: operations that fail alike share it, and a new operation renames none.
          const name = [`Error${status}`, ...alike.map(({ code }) => code)].join('.');
          responses.set(name, response(status, alike));
          return [status, { $ref: `#/components/responses/${name}` }];
        }),
      );
    },
    components: () => ({
      headers: {
        ETag: {
          description: 'Names this answer, for `If-None-Match`; good for some minutes.',
          schema: { type: 'string', examples: ['W/"0f3a"'] },
        },
        RateLimit: {
          description: 'How the budgets stand that the call took from, on every answer: `r` calls are left, all again after `t` seconds.',
          schema: { type: 'string', examples: ['"rest";r=97;t=2'] },
        },
        RateLimitPolicy: {
          description: 'The limits that the call took from, on every answer: `q` calls in `w` seconds.',
          schema: { type: 'string', examples: ['"rest";q=100;w=60'] },
        },
        RequestId: { description: 'The id of this call, also in the log of the server.', schema: { type: 'string' } },
        IdempotencyReplayed: {
          description: '`true` where an earlier call with this key took effect, and this is what it was answered; absent otherwise.',
          schema: { type: 'string', const: 'true' },
        },
        RetryAfter: { description: 'Seconds after which to try again.', schema: { type: 'integer' } },
        SetCookie: { description: 'In cookie mode: the refresh token, or its end.', schema: { type: 'string' } },
        WwwAuthenticate: { description: 'The scheme to authenticate by.', schema: { type: 'string', examples: ['Bearer'] } },
      },
      responses: Object.fromEntries([...responses].toSorted(byKey)),
      examples: Object.fromEntries([...used].toSorted(byKey).map(([code, definition]) => [code, exampleOfError(definition)])),
    }),
  };
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** Passes by itself: the answer says when to try again. */
const passes = ({ code, kind }: ErrorDefinition): boolean =>
  kind === 'rate_limited' || kind === 'unavailable' || code === coreErrors.IDEMPOTENCY_IN_PROGRESS.code;

const headersOf = (status: number, isPassing: boolean): object => ({
  'X-Request-Id': { $ref: '#/components/headers/RequestId' },
  ...(status === 401 ? { 'WWW-Authenticate': { $ref: '#/components/headers/WwwAuthenticate' } } : {}),
  ...(status === 429
    ? { RateLimit: { $ref: '#/components/headers/RateLimit' }, 'RateLimit-Policy': { $ref: '#/components/headers/RateLimitPolicy' } }
    : {}),
  ...(isPassing ? { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } } : {}),
});

const exampleOfError = (definition: ErrorDefinition): object => ({
  summary: definition.sentence,
  value: {
    code: definition.code,
    error: definition.sentence,
    details: details[definition.code] ?? (passes(definition) ? { retryAfterSeconds: 1 } : {}),
    timestamp: '2026-01-15T09:30:00.000Z',
    path: '/api/v1/…',
    requestId: '01936d2e-7c8a-7b3e-9f00-5a1c2b3d4e5f',
    docs: `${ERRORS_PAGE}#${definition.code}`,
  },
});
