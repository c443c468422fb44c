import { type Operation, socketNames } from '@coucou/contracts/kernel/operation';
import type { HttpClient, Result, SocketClient, Transport, WireError } from './clients.ts';
import type { Person } from './people.ts';

/** One way to call an operation of the contract, whatever the transport, for suites that run a table over all of them. */

/** As much of a contract's operation as a call needs. */
export type Callable = Pick<Operation, 'name' | 'http'>;
export type Caller = {
  readonly transport: Transport;
  call(operation: Callable, input?: Record<string, unknown>, meta?: { idempotencyKey?: string }): Promise<Result>;
};

/** Path parameters are taken out of the input; the rest is the query of GET and DELETE, and the body of the others. */
export function overHttp(client: HttpClient): Caller {
  return {
    transport: 'http',
    async call({ name, http }, input = {}, meta) {
      if (!http) throw new Error(`${name} has no HTTP route`);
      const rest = { ...input };
      const path = http.path.replace(/:(\w+)/g, (_, parameter: string) => {
        const value = rest[parameter];
        delete rest[parameter];
        return encodeURIComponent(String(value));
      });
      const inQuery = http.method === 'GET' || (http.method === 'DELETE' && http.body !== true);
      const headers = meta?.idempotencyKey === undefined ? {} : { 'idempotency-key': meta.idempotencyKey };
      const address = `/api/v1${path}${inQuery ? query(rest) : ''}`;
      const { status, body } = await client.call(http.method, address, inQuery ? undefined : rest, headers);
      return status < 400 ? { ok: true, data: body } : { ok: false, error: body as WireError };
    },
  };
}

/** By the operation's own name, or by an alias of it. */
export function overSocket(client: SocketClient, alias?: string): Caller {
  return {
    transport: client.transport,
    call: ({ name }, input = {}, meta) => client.call(alias ?? name, input, meta),
  };
}

/** Every way to call an operation: its route, and each of its names on a socket. */
export const everyCaller = (operation: Operation, http: HttpClient, socket: SocketClient): Caller[] => [
  ...(operation.http ? [overHttp(http)] : []),
  ...socketNames(operation).map((name) => overSocket(socket, name)),
];

function query(input: Record<string, unknown>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(input)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) parameters.append(name, String(one));
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

/** Over one of the transports; a socket is opened, and added to those that the test closes. */
export async function callerFor(person: Person, transport: Transport, sockets: SocketClient[]): Promise<Caller> {
  if (transport === 'http') return overHttp(person.http);
  const socket = person.socket(transport);
  sockets.push(socket);
  await socket.connect();
  return overSocket(socket);
}
