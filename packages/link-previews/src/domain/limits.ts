/** Hard ceilings of link previews. */
export const linkPreviewLimits = {
  /** Links of one message that are looked at, from the first. */
  perMessage: 3,
  /** Characters of an address; longer ones are left alone. */
  url: 2_000,
  /** Unicode code points. */
  title: 200,
  description: 500,
  siteName: 100,
  /** Of a page that is read at all: what describes it stands at its beginning. */
  pageBytes: 2_097_152,
  timeoutMs: 5_000,
} as const;
