/**
 * Whether a web origin may call: decided over the `Origin` header, for requests and for WebSocket upgrades alike. `host` is the
 * request's own, with its port. Callers without an `Origin` header are not browsers and always pass.
 */
export type OriginPolicy = (origin: string, host: string) => boolean;
