/** Hard ceilings of billing. */
export const billingLimits = {
  /** Bytes of an event; those of Stripe have some 10,000. */
  eventBytes: 262_144,
  /** Characters of a signature header. */
  signature: 4_096,
  /** Seconds that a signature is valid, and that clocks may differ. */
  toleranceSeconds: 300,
  /** Seats of one subscription. */
  quantity: 100_000,
  /** Characters of an id of Stripe, or of a plan. */
  id: 255,
  /** Characters of an address that somebody returns to. */
  url: 2_000,
  /** Months of usage in one answer. */
  months: 24,
} as const;
