import { loggableError } from '@coucou/application/kernel/loggable-error';
import type { Redirect } from '@coucou/application/kernel/operation';
import type { Execute, ReadyOperation } from '@coucou/application/kernel/execute';
import type { Operation } from '@coucou/contracts/kernel/operation';
import { errors } from '@coucou/domain/kernel/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authenticate } from './authenticate.ts';
import type { BrowserCookie } from './browser-cookie.ts';
import { createReadInput } from './input.ts';
import { API_PREFIX, callOf } from './mount.ts';
import { requestFields } from './request-fields.ts';

export type RedirectRoutes = Readonly<{
  operations: readonly ReadyOperation<Operation>[];
  execute: Execute;
  authenticate: Authenticate;
  browserCookie: BrowserCookie;
}>;

/** The routes that a browser navigates to: the same chain as all others, with a redirect and a cookie instead of JSON. */
export function mountRedirects(app: FastifyInstance, { operations, execute, authenticate, browserCookie }: RedirectRoutes): void {
  for (const ready of operations) {
    const { http, input } = ready.operation;
    if (http?.redirect !== true) continue;
    const readInput = createReadInput(http, input);
    app.route({
      method: http.method,
      url: `${API_PREFIX}${http.path}`,
      // What looks at a link before it is opened would spend it.
      exposeHeadRoute: false,
      onRequest: async (request) => {
        takeClientKey(request);
        request.call = await authenticate(request, ready.operation);
      },
      handler: async (request, reply) => {
        const { status, body } = await execute(ready, readInput(request), callOf(request));
        const { location, browser, failure } = body as Redirect;
        if (failure !== undefined) {
          const details = { ...requestFields(request), code: failure.code, error: loggableError(failure.cause ?? failure) };
          request.log[failure.kind === 'unavailable' ? 'warn' : 'info'](details, 'a sign-in was not confirmed');
        }
        if (browser !== undefined) reply.header('set-cookie', browserCookie.write(browser));
        return reply.code(status).header('location', location).header('cache-control', 'no-store').send();
      },
    });
  }
}

/** A navigation has no headers of ours, so that it names its account in the query. */
function takeClientKey({ headers, query }: FastifyRequest): void {
  const { client_key: clientKey } = query as { client_key?: unknown };
  if (typeof clientKey !== 'string') return;
  if ((headers['x-client-key'] ?? clientKey) !== clientKey) throw errors.FORBIDDEN({ field: 'client_key' });
  headers['x-client-key'] = clientKey;
}
