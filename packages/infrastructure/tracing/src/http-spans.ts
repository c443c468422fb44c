import { FastifyOtelInstrumentation } from '@fastify/otel';
import type { TracerProvider } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';

/** Polled by monitoring, or as long as a connection: neither says anything as a span. */
const isUntraced = (url: string): boolean => /^\/(?:health\/|metrics(?:[?]|$)|ws(?:[/?]|$)|socket\.io\/)/.test(url);

/** A span for every request, with the pattern of its route: URLs may hold ids, secrets and what people search for. */
export function traceHttp(tracerProvider: TracerProvider): (app: FastifyInstance) => void {
  const instrumentation = new FastifyOtelInstrumentation({
    // Our own spans say what happens inside, and errors may quote what people sent.
    instrumentHooks: false,
    instrumentHandler: false,
    recordExceptions: false,
    ignorePaths: ({ url }) => isUntraced(url),
    requestHook(span, { id, method, routeOptions: { url: route = 'unknown' } }) {
      span.updateName(`${method} ${route}`);
      span.setAttributes({ 'url.path': route, 'coucou.request_id': id });
    },
  });
  instrumentation.setTracerProvider(tracerProvider);
  return (app) => {
    // Now, not when the plugins are loaded, so that its hook is the first.
    instrumentation.plugin()(app, {}, () => {});
  };
}
