import { isIP } from 'node:net';
import type { OriginPolicy } from '@coucou/application/ports/origin-policy';

/** An entry of a list of origins: any port of this machine, and the server's own address where that is no name. */
export const LOCAL = 'local';

const thisMachine = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Decides over the `Origin` header, for requests and for WebSocket upgrades alike; callers without one are not browsers. */
export function createOriginPolicy(allowed: readonly string[]): OriginPolicy {
  const origins = new Set(allowed.map((origin) => origin.replace(/\/$/, '').toLowerCase()));
  const isListed: OriginPolicy = (origin) => origins.has(origin.toLowerCase());
  return origins.delete(LOCAL) ? (origin, host) => isListed(origin, host) || isLocal(origin, host) : isListed;
}

const isLocal: OriginPolicy = (origin, host) => {
  const url = URL.parse(origin);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  if (thisMachine.has(url.hostname)) return true;
  // DNS rebinding: a page of any name can have that name resolve to this server, and then the origin is the host that was asked. An address
  // cannot be rebound. The scheme is not compared: behind a TLS-terminating proxy the server does not know its own.
  return isIP(url.hostname.replace(/^\[(.*)\]$/, '$1')) !== 0 && url.host === host.toLowerCase();
};
