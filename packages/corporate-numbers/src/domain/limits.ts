/** Hard ceilings of corporate numbers; the schemas hold these. */
export const corporateNumberLimits = {
  /** Characters of a number as it is written, punctuation included. */
  written: 100,
  /** Unicode code points. */
  label: 80,
  /** Rows of one import. */
  rows: 1_000,
} as const;
