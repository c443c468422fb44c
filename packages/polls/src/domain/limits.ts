/** Hard ceilings of polls; the schemas hold these. */
export const pollLimits = {
  /** Unicode code points. */
  question: 300,
  option: 100,
  options: { min: 2, max: 20 },
  /** How far ahead a poll may be set to close. */
  openSeconds: 366 * 86_400,
} as const;
