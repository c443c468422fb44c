/** Hard ceilings of the product. Schemas hold these; an account's own lower limit is a rule of the domain. */
export const limits = {
  /** Bytes of one request body or socket frame. */
  payload: 64 * 1024,
  /** Unicode code points of a message's text. */
  messageText: 5_000,
  /** Bytes of custom `data` as JSON. */
  customData: 8 * 1024,
  /** Attachments of one message; people mentioned in one; kinds of reaction on one. */
  attachments: 10,
  mentions: 50,
  reactionKinds: 30,
  username: { min: 3, max: 32 },
  email: 254,
  displayName: 80,
  password: { min: 8, max: 128 },
  title: 120,
  description: 1_000,
  url: 2_048,
  groupMembers: 10_000,
  /** Ids named in one call: initial members, additions. */
  batch: 100,
  page: { max: 100, default: 50 },
  sync: { conversations: 500, rows: 1_000, defaultRows: 200, inlineMembers: 200, heads: 500 },
} as const;
