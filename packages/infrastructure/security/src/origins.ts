import type { OriginPolicy } from '@coucou/application/ports/origin-policy';

/** Web origins that may call: a list, or `local`: the server's own and any port of this machine. */
export type AllowedOrigins = readonly string[] | 'local';

const thisMachine = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Decides over the `Origin` header, for requests and for WebSocket upgrades alike; callers without one are not browsers. */
export function createOriginPolicy(allowed: AllowedOrigins): OriginPolicy {
  if (allowed !== 'local') {
    const origins = new Set(allowed.map((origin) => origin.replace(/\/$/, '').toLowerCase()));
    return (origin) => origins.has(origin.toLowerCase());
  }
  return (origin, host) => {
    const url = URL.parse(origin);
    if (url === null || !/^https?:$/.test(url.protocol)) return false;
    // The scheme is not compared: behind a TLS-terminating proxy the server does not know its own.
    return thisMachine.has(url.hostname) || url.host === host.toLowerCase();
  };
}
