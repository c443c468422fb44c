import { noTracer, type Tracer } from '@coucou/application/ports/tracer';
import type { HttpServerOptions } from '@coucou/http/server';
import type { Logger } from '@coucou/observability/logger';
import type { Config } from '../config.ts';
import { version } from '../version.ts';
import type { Undo } from './undo.ts';

/** What traces this server, where the configuration names a collector. */
export async function openTracing(
  { tracing, instanceId }: Pick<Config, 'tracing' | 'instanceId'>,
  log: Logger,
  undo: Undo,
): Promise<Readonly<{ tracer: Tracer; instrument: HttpServerOptions['instrument'] }>> {
  if (tracing === undefined) return { tracer: noTracer, instrument: undefined };
  const { serviceName: name, ...collector } = tracing;
  // Its code is loaded where it is used.
  const { openTracing: open } = await import('@coucou/tracing/open');
  const { tracer, instrument, close } = open({ ...collector, service: { name, version, instance: instanceId }, log });
  undo.push(close);
  return { tracer, instrument };
}
