export const retentionLimits = {
  /** A hundred years. */
  ageDays: 36_500,
  messages: 1_000_000_000,
  /** Characters that say why something is held. */
  reason: 500,
} as const;
