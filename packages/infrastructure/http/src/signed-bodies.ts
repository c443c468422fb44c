import { isUtf8 } from 'node:buffer';
import type { Execute, ReadyOperation } from '@coucou/application/kernel/execute';
import type { Operation } from '@coucou/contracts/kernel/operation';
import { errors } from '@coucou/domain/kernel/errors';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import type { Authenticate } from './authenticate.ts';
import { answer, API_PREFIX, callOf } from './mount.ts';

export type SignedBodyRoutes = Readonly<{ operations: readonly ReadyOperation<Operation>[]; execute: Execute; authenticate: Authenticate }>;

/** The routes that other services call with a signature over the bytes of the body: those reach the use-case unparsed. */
export const mountSignedBodies: FastifyPluginAsync<SignedBodyRoutes> = async (app, { operations, execute, authenticate }) => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes));
  for (const ready of operations) {
    const { operation } = ready;
    const { http } = operation;
    if (http?.signed === undefined) continue;
    const { header, bodyField, headerField, maxBytes } = http.signed;
    for (const url of [`${API_PREFIX}${http.path}`, ...(http.also ?? [])])
      app.route({
        method: http.method,
        url,
        bodyLimit: maxBytes,
        onRequest: async (request) => {
          request.call = await authenticate(request, operation);
        },
        handler: async (request, reply) => {
          const input = { [bodyField]: textOf(request), [headerField]: headerOf(request, header) };
          const { status, body } = await execute(ready, input, callOf(request));
          return answer(reply, status, body);
        },
      });
  }
};

function textOf({ body }: FastifyRequest): string {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  if (!isUtf8(bytes)) throw errors.MALFORMED_JSON();
  return bytes.toString();
}

/** From the raw headers: Node keeps the first one only of some that come twice. */
const headerOf = ({ raw: { rawHeaders } }: FastifyRequest, wanted: string): string =>
  rawHeaders.filter((_value, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === wanted).join(', ');
