import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import { isLoopbackAddress, isLoopbackHost } from './loopback.ts';

/** Conveniences of development are mounted below this path, beside the API. */
export const DEV_PREFIX = '/dev';

/** Added by proxies and tunnels, whose peers are not on this machine. */
const forwarding = /^(?:forwarded|via|x-real-ip|x-client-ip|x-original-.+|x-forwarded-.+|cf-connecting-ip|true-client-ip)$/;

const withoutPort = (host: string): string => host.replace(/:\d+$/, '');

/**
 * Whether a request comes from this machine and was meant for it: its peer and its `Host` are loopback (a page that was rebound to
 * 127.0.0.1 by DNS keeps its own name there), and nothing forwarded it.
 */
export function isLocal({ headers, raw }: Pick<FastifyRequest, 'headers' | 'raw'>): boolean {
  return (
    isLoopbackAddress(raw.socket.remoteAddress ?? '') &&
    headers.host !== undefined &&
    isLoopbackHost(withoutPort(headers.host)) &&
    !Object.keys(headers).some((name) => forwarding.test(name))
  );
}

/** Answers requests of other machines as if the route did not exist. */
export const requireLocal: onRequestHookHandler = (request, reply, next) => {
  if (isLocal(request)) next();
  else reply.callNotFound();
};

/** Whether the request is for a convenience of development, which pages of another origin may neither call nor read. */
export const isForConveniences = ({ routeOptions: { url } }: Pick<FastifyRequest, 'routeOptions'>): boolean =>
  url?.startsWith(`${DEV_PREFIX}/`) === true;
