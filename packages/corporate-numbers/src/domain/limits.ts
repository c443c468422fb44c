/** Hard ceilings of corporate numbers; the schemas hold the first three. */
export const corporateNumberLimits = {
  /** Characters of a number as it is written, punctuation included. */
  written: 100,
  /** Unicode code points. */
  label: 80,
  /** Rows of one import. */
  rows: 1_000,
  /** Look-ups of one person, and from one network, since people share addresses: enough for every call that comes in, too few to try out a range. */
  checks: { perPerson: 120, perNetwork: 1_200, windowSeconds: 600 },
} as const;
