/**
 * Whether a web origin may call: decided over the `Origin` header, for requests and for WebSocket upgrades alike. `host` is the
 * request's own, with its port. Callers without an `Origin` header are no browsers and are not asked about.
 */
export type OriginPolicy = (origin: string, host: string) => boolean;
