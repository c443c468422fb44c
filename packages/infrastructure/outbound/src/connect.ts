import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { createAllowList } from './allow-list.ts';
import { OutboundError } from './outbound-error.ts';
import type { OutboundOptions } from './outbound.ts';
import { guardedLookup, requirePublicLiteral, systemResolve } from './resolve.ts';

export type OutboundConnect = Readonly<{
  /** Whether a host is the operator's own. */
  isOwn(host: string, port: number): boolean;
  /** Throws an `OutboundError` for a host that is an address which is not public, and what names none. */
  requireSafe(host: string, port: number): void;
  /** A connection to the host, at an address that is checked as it is made. Throws an `OutboundError`. */
  open(host: string, port: number, signal: AbortSignal): Promise<Socket>;
}>;

/** The way out of this server for what is no HTTP. */
export function createOutboundConnect({ allow, resolve = systemResolve }: Pick<OutboundOptions, 'allow' | 'resolve'>): OutboundConnect {
  const isAllowed = createAllowList(allow);
  const urlOf = (host: string, port: number): URL => {
    const url = URL.parse(`http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`);
    if (url === null || url.pathname !== '/' || url.username !== '' || url.search !== '' || url.hash !== '')
      throw new OutboundError('refused', 'what is to be connected to is no host');
    return url;
  };
  const isOwn = (host: string, port: number): boolean => isAllowed(urlOf(host, port));
  const requireSafe = (host: string, port: number): void => {
    if (!isOwn(host, port)) requirePublicLiteral(urlOf(host, port));
  };
  return {
    isOwn,
    requireSafe,
    async open(host, port, signal) {
      requireSafe(host, port);
      // As URLs have it: digits that stand for an address are one.
      const { hostname } = urlOf(host, port);
      const socket = connect({
        host: hostname.replace(/^\[(.*)\]$/, '$1'),
        port,
        lookup: guardedLookup(resolve, isOwn(host, port)),
        signal,
      });
      try {
        await once(socket, 'connect');
        return socket;
      } catch (error) {
        socket.destroy();
        if (error instanceof OutboundError) throw error;
        if (signal.aborted) throw new OutboundError('timeout', `${host} does not answer in time`);
        throw new OutboundError('unreachable', `${host} cannot be reached`, { cause: error });
      }
    },
  };
}
