import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { Payload } from './event-log.ts';

export type Request = Readonly<{ headers: Readonly<Record<string, string>>; body: string; path: string }>;
export type Behaviour = (response: ServerResponse, request: Request, incoming: IncomingMessage) => unknown;

/** Takes the event. */
export const take: Behaviour = (response) => response.writeHead(204).end();
export const answer =
  (status: number, headers: Record<string, string> = {}, body = ''): Behaviour =>
  (response) =>
    response.writeHead(status, headers).end(body);

/** A server of somebody else, on loopback, that remembers what came. */
export type Receiver = Readonly<{
  url: string;
  requests: Request[];
  behave(behaviour: Behaviour): void;
  /** What came, once each signature was verified by the reference library. */
  verified(secret: string): Payload[];
  close(): Promise<void>;
}>;

export const idOf = ({ headers }: Request): string => String(headers['webhook-id']);

/** Throws for what is not signed by this secret. */
export const verify = (secret: string, { headers, body }: Request): Payload => new Webhook(secret).verify(body, { ...headers });

export async function openReceiver({ port = 0, behaviour = take }: { port?: number; behaviour?: Behaviour } = {}): Promise<Receiver> {
  const requests: Request[] = [];
  let current = behaviour;
  const server: Server = createServer((incoming, response) => {
    void incoming
      .toArray()
      .then((chunks: Buffer[]) => {
        const headers = incoming.headers as Record<string, string>;
        const request = { headers, body: Buffer.concat(chunks).toString(), path: incoming.url ?? '' };
        requests.push(request);
        return current(response, request, incoming);
      })
      .catch(() => response.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    requests,
    behave: (next) => void (current = next),
    verified: (secret) => requests.map((request) => verify(secret, request)),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
