import { ErrorBody } from '@coucou/contracts/kernel/error';
import { discoverySchema } from './discovery.ts';
import type { Schemas } from './json-schema.ts';

const json = (description: string, schema: object) => ({ description, content: { 'application/json': { schema } } });

const DESCRIPTION = 'For anybody, without the prefix of the API; no operation of the product.';

const Finding = {
  type: 'object',
  properties: { status: { enum: ['up', 'degraded', 'down'] }, detail: { type: 'string' } },
  required: ['status'],
};

const Readiness = {
  type: 'object',
  properties: {
    status: { enum: ['up', 'degraded', 'down'] },
    checks: { type: 'object', additionalProperties: Finding },
    version: { type: 'string' },
    uptimeSeconds: { type: 'integer' },
  },
  required: ['status', 'checks', 'version', 'uptimeSeconds'],
};

/** Paths of the server itself; they are no operations of the product and have no contract. */
export function systemPaths(schemas: Schemas) {
  const malformed = json('The request is not well-formed.', schemas.of(ErrorBody, 'output'));
  const system = (operationId: string, summary: string, responses: object) => ({
    get: { operationId, tags: ['system'], summary, description: DESCRIPTION, security: [], responses: { ...responses, 400: malformed } },
  });
  const live = { 200: json('It does.', { type: 'object', properties: { status: { const: 'up' } }, required: ['status'] }) };
  const content = (type: string, description: string) => ({
    200: { description, content: { [type]: { schema: { type: 'string' } } } },
  });
  return {
    '/': system('system.home', 'A page with the version and links.', content('text/html', 'The page.')),
    '/favicon.ico': system('system.icon', 'The icon of the pages.', content('image/svg+xml', 'An SVG image.')),
    '/health': system('system.health', 'The same as /health/live.', live),
    '/health/live': system('system.live', 'Whether the process answers.', live),
    '/health/ready': system('system.ready', 'Whether the server can work, and the state of what it depends on.', {
      200: json('It can; "degraded" with less.', Readiness),
      503: { ...json('It cannot now.', Readiness), headers: { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } } },
    }),
    '/.well-known/coucou': system('system.discovery', 'What this server is: version, protocols, addresses, features and limits.', {
      200: json('Addresses are relative to this document where the server has no public URL.', discoverySchema),
    }),
    '/.well-known/jwks.json': system('system.keys', 'The public keys of access tokens.', {
      200: json('A JSON Web Key Set (RFC 7517).', {
        type: 'object',
        properties: { keys: { type: 'array', items: { type: 'object' } } },
        required: ['keys'],
      }),
    }),
    '/openapi.json': system('system.openapi', 'This document.', { 200: json('OpenAPI 3.1.', { type: 'object' }) }),
    '/asyncapi.json': system('system.asyncapi', 'The operations and events of sockets.', {
      200: json('AsyncAPI 3.0.', { type: 'object' }),
    }),
  };
}
