/** Hard ceilings of the before-send hook. */
export const beforeSendLimits = {
  /** How long an answer may take, in milliseconds. */
  timeoutMs: { min: 100, max: 5_000, default: 1_000 },
  /** Characters of an address. */
  url: 2_000,
  /** How long the secret before a rotation goes on to sign. */
  overlapSeconds: 7 * 86_400,
  /** Bytes of an answer: the longest text and the most data that it may hold, with every character escaped. */
  answerBytes: 131_072,
  /** Unicode code points of a reason that senders are told. */
  reason: 200,
  /** Calls that one node has under way, of one account and in all. */
  atOnce: 64,
  atOnceInAll: 256,
} as const;
