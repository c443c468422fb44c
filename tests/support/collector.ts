import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ReceivedSpan = Readonly<{
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  /** As OTLP numbers them: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  attributes: Readonly<Record<string, string | number>>;
  links: readonly Readonly<{ traceId: string; spanId: string }>[];
  status: number;
  /** `service.instance.id`. */
  node: string;
}>;

/** An OpenTelemetry collector, as far as it takes traces by OTLP over HTTP as JSON. */
export type Collector = Readonly<{
  url: string;
  spans: ReceivedSpan[];
  /** All that came, headers and bodies. */
  text(): string;
  close(): Promise<void>;
}>;

type Value = Readonly<{ stringValue?: string; intValue?: number; doubleValue?: number }>;
type Attribute = Readonly<{ key: string; value: Value }>;
type Wire = Readonly<{
  resourceSpans: readonly Readonly<{
    resource: Readonly<{ attributes: readonly Attribute[] }>;
    scopeSpans: readonly Readonly<{
      spans: readonly (Omit<ReceivedSpan, 'attributes' | 'status' | 'node'> &
        Readonly<{ attributes: readonly Attribute[]; status: Readonly<{ code: number }> }>)[];
    }>[];
  }>[];
}>;

const valuesOf = (attributes: readonly Attribute[]): Record<string, string | number> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.doubleValue ?? '']));

const spansIn = ({ resourceSpans }: Wire): ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const node = String(valuesOf(resource.attributes)['service.instance.id']);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        ...span,
        parentSpanId: span.parentSpanId || undefined,
        attributes: valuesOf(span.attributes),
        status: span.status.code,
        node,
      })),
    );
  });

export async function openCollector(): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  const received: string[] = [];
  const server = createServer((request, response) => {
    void request.toArray().then((chunks: Buffer[]) => {
      const body = Buffer.concat(chunks).toString();
      received.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}\n${body}`);
      spans.push(...spansIn(JSON.parse(body)));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    text: () => received.join('\n'),
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}
