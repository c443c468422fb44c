import { type AddressInfo, isIPv6 } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { createHttpServer } from '@coucou/http/server';
import { codeOf, StartError } from './start-error.ts';

type Http = ReturnType<typeof createHttpServer>;

/** Connections that the kernel keeps until they are accepted, one in each turn of the event loop: more than come back at once. Beyond it they are tried again a second later. */
const BACKLOG = 4_096;

/** Listens, and answers the address that reaches the server from this machine. */
export async function listen(http: Http, { host, port }: Readonly<{ host: string; port: number }>): Promise<string> {
  try {
    await http.listen({ host, port, backlog: BACKLOG });
  } catch (error) {
    throw explainListenError(error, { host, port, setting: 'PORT' });
  }
  return addressOf(http.server.address() as AddressInfo, host);
}

/** What reaches a server from this machine that listens there. */
export function addressOf({ port }: AddressInfo, host: string): string {
  const everywhere: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };
  return `http://${everywhere[host] ?? (isIPv6(host) ? `[${host}]` : host)}:${port}`;
}

/** Maps what an operator can correct to a `StartError`; `setting` is where the port came from. */
export function explainListenError(
  error: unknown,
  { host, port, setting }: Readonly<{ host: string; port: number; setting: string }>,
): unknown {
  const reasons: Record<string, string> = {
    EADDRINUSE: `port ${port} of ${host} is already in use; stop the program that listens there, or choose another with ${setting} (0 picks a free one)`,
    EACCES: `this user may not listen on port ${port}; choose one above 1023 with ${setting}`,
    EADDRNOTAVAIL: `${host} is not an address of this machine; check HOST`,
    ENOTFOUND: `${host} is neither an address nor a known host name; check HOST`,
    EAI_AGAIN: `${host} cannot be resolved; check HOST`,
  };
  const reason = reasons[codeOf(error) ?? ''];
  return reason === undefined ? error : new StartError(reason, { cause: error });
}

/** Drains running requests up to a timeout, then closes the connections. */
export async function closeHttp(http: Http, patienceMs: number): Promise<void> {
  const closed = http.close();
  const late = Symbol('late');
  if ((await Promise.race([closed, pause(patienceMs, late, { ref: false })])) === late) http.server.closeAllConnections();
  await closed;
}
