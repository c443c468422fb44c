import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type ReceivedReport = Readonly<{
  level: string;
  tags: Readonly<Record<string, string>>;
  exception: Readonly<{
    values: readonly Readonly<{ type: string; value: string; stacktrace?: { frames: readonly Readonly<Record<string, unknown>>[] } }>[];
  }>;
}> &
  Readonly<Record<string, unknown>>;

/** Sentry, as far as it takes envelopes: lines of JSON, first the header, then the header and the payload of each item. */
export type Sentry = Readonly<{
  dsn: string;
  reports: ReceivedReport[];
  /** Other items than events, such as sessions and transactions. */
  others: unknown[];
  /** All that came, headers and bodies. */
  text(): string;
  requests(): number;
  close(): Promise<void>;
}>;

/** With `isSilent` it takes what comes, and never answers. */
export async function openSentry({ isSilent = false } = {}): Promise<Sentry> {
  const reports: ReceivedReport[] = [];
  const others: unknown[] = [];
  const received: string[] = [];
  const server = createServer((request, response) => {
    void request.toArray().then((chunks: Buffer[]) => {
      const body = Buffer.concat(chunks).toString();
      received.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)}\n${body}`);
      const [, ...lines] = body.trimEnd().split('\n');
      for (let at = 0; at + 1 < lines.length; at += 2) {
        const { type } = JSON.parse(lines[at] ?? '') as { type: string };
        if (type === 'event') reports.push(JSON.parse(lines[at + 1] ?? ''));
        else others.push(type);
      }
      if (!isSilent) response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    dsn: `http://publickey@127.0.0.1:${(server.address() as AddressInfo).port}/42`,
    reports,
    others,
    text: () => received.join('\n'),
    requests: () => received.length,
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}
