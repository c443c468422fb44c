/** Error codes after which nobody knows whether a call was carried out. */
export const UNKNOWN_OUTCOME: ReadonlySet<string> = new Set(['SERVICE_UNAVAILABLE', 'TIMEOUT', 'INTERNAL']);
/** Error codes after which it was not carried out, and may be repeated. */
export const RETRYABLE: ReadonlySet<string> = new Set(['OVERLOADED', 'RATE_LIMITED']);
