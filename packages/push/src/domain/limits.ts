/** Hard ceilings of pushes; the schemas hold those of what clients send. */
export const pushLimits = {
  /** Subscriptions of one device: of several apps, or of one whose browser made a new one. The oldest goes. */
  perDevice: 5,
  /** Characters of an endpoint, and of a token. */
  endpoint: 2_000,
  token: 4_096,
  /** Unicode code points of a message that a push shows. */
  excerpt: 200,
  /** For how long a push is worth being delivered, in seconds. */
  ttlSeconds: 86_400,
  /** A push service may ask for no longer a wait than this. */
  retryAfterSeconds: 86_400,
  /** Pushes to one device in one go. */
  atOnce: 20,
} as const;
