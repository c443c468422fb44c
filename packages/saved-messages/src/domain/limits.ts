/** Hard ceilings of saved messages; the schemas hold these. */
export const savedLimits = {
  /** Saved messages of one person. */
  perPerson: 1_000,
  /** Unicode code points. */
  note: 500,
  /** How far ahead a reminder may lie. */
  remindSeconds: 5 * 366 * 86_400,
} as const;
