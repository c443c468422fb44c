/** Hard ceilings of webhooks; the schemas hold those of what clients send. */
export const webhookLimits = {
  /** Endpoints of one account. */
  perAccount: 20,
  /** Unicode code points. */
  description: 200,
  /** Characters of an address. */
  url: 2_000,
  /** How long the secret before a rotation goes on to sign. */
  overlapSeconds: 7 * 86_400,
  /** Requests under way to one endpoint; while it fails, one. */
  atOnce: 8,
  /** Deliveries that one call replays. */
  replayed: 10_000,
  /** Bytes of an answer that are read; beyond them the attempt has failed. */
  answerBytes: 65_536,
  /** Characters of an answer that the log keeps. */
  answerKept: 1_000,
  /** An endpoint may ask for no longer a wait than this. */
  retryAfterSeconds: 86_400,
} as const;
