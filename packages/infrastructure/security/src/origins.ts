import type { OriginPolicy } from '@coucou/application/ports/origin-policy';

/** An entry of a list of origins: the server's own, and any port of this machine. */
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
  // The scheme is not compared: behind a TLS-terminating proxy the server does not know its own.
  return thisMachine.has(url.hostname) || url.host === host.toLowerCase();
};
