/** Hard ceilings of the product. Schemas hold these; an account's own lower limit is a rule of the domain. */
export const limits = {
  /** Bytes of one request body or socket frame that an operator may allow. Of a larger frame, up to the maximum, a signed-in client still learns which call it was. */
  payload: { min: 4 * 1024, max: 1024 * 1024, default: 64 * 1024 },
  /** Bytes that may wait for one connection. The least holds a page of sync twice. */
  outgoingBuffer: { min: 1024 * 1024, max: 64 * 1024 * 1024, default: 1024 * 1024 },
  /** Unicode code points of a message's text. */
  messageText: 5_000,
  /** Bytes of custom `data` as JSON. */
  customData: 8 * 1024,
  /** How long an expiring message lives. */
  messageLifetimeSeconds: { min: 5, max: 366 * 86_400 },
  /**
   * Scheduled messages of one person, and of an account itself; how far ahead one may be, and how far behind it may arrive, by a client's clock; characters of a recurrence
   * rule, its greatest INTERVAL and COUNT, and the least time between two occurrences; refusals in a row that end a series.
   */
  scheduled: {
    perPerson: 100,
    perAccount: 1_000,
    aheadSeconds: 366 * 86_400,
    skewSeconds: 60,
    rule: 500,
    interval: 1_000,
    occurrences: 1_000,
    gapSeconds: 900,
    refusals: 3,
  },
  /** Attachments of one message; people mentioned in one; kinds of reaction on one. */
  attachments: 10,
  mentions: 50,
  reactionKinds: 30,
  /** Pinned messages of one conversation; targets of one forward; unread replies counted in one thread. */
  pins: 100,
  forwardTargets: 10,
  threadUnread: 1_000,
  /** Conversations marked in one call; members up to which receipts are sent individually. */
  receiptItems: 100,
  individualReceipts: 200,
  username: { min: 3, max: 32 },
  externalId: 255,
  clientKey: 128,
  accountInvite: { uses: 100, seconds: 90 * 86_400 },
  /** API keys of one account; characters of the name of one; seconds that one may last, and that two secrets of one overlap. */
  apiKeys: { most: 100, name: 80, seconds: { min: 60, max: 10 * 366 * 86_400 }, overlapSeconds: 30 * 86_400 },
  /** Issuers of one account whose tokens it takes; characters of the name of one; audiences of one, and characters of one; of the name of a claim; of a token; seconds that one lives. */
  issuers: {
    most: 20,
    name: 255,
    audiences: 10,
    audience: 255,
    claim: 128,
    token: 16_384,
    tokenSeconds: { min: 60, max: 86_400, default: 3_600 },
  },
  /** The wait between two changes of a username, and how long nobody else gets the old one. */
  usernameChange: { cooldownSeconds: 30 * 86_400, heldSeconds: 90 * 86_400 },
  email: 254,
  /** Templates of mails that one account has of its own; characters of their parts. */
  mailTemplates: { most: 200, subject: 200, text: 10_000, html: 40_000 },
  displayName: 80,
  password: { min: 8, max: 128 },
  title: 120,
  description: 1_000,
  url: 2_048,
  bio: 500,
  groupMembers: 10_000,
  /** Groups that one person owns when they make one more. */
  groupsOwned: 500,
  /** Labels of one conversation, and characters of one. */
  labels: 20,
  label: 40,
  /** Why someone was banned. */
  banReason: 500,
  slowModeSeconds: 21_600,
  invite: { uses: 10_000, seconds: { min: 60, max: 366 * 86_400 } },
  /** How far back a conversation can be marked unread: the member's own messages from there on are counted. */
  markUnread: 10_000,
  /** Mentions are counted up to here: "99+". */
  mentionsCounted: 100,
  /** Requests of one person that wait for an answer; friends of one person; the wait after a request was declined. */
  friends: { pending: 500, most: 5_000, cooldownSeconds: 86_400 },
  blocks: 5_000,
  /** How long a feed entry is kept; a client that is away for longer starts over. */
  feedSeconds: 30 * 86_400,
  /** Acquaintances of a user who receive presence and profile changes live; others see them on the next read. */
  audience: 200,
  /** Conversations of a user, most recently active first, whose watchers receive the user's presence and profile changes. */
  shownConversations: 200,
  /** Members up to which typing reaches everyone in a conversation, and not only its watchers. */
  typingMembers: 50,
  /** Conversations, most recently active first, in which hidden marks are published when a block ends or read receipts are switched on. */
  revealedConversations: 200,
  /** Code points and words of a search among messages; ranges highlighted in one message. */
  search: { query: 200, terms: 16, highlights: 50 },
  /** Code points of why something is reported. */
  reportReason: 1_000,
  /** Code points of one listed word; words of one account. */
  listedWord: 64,
  listedWords: 5_000,
  /**
   * Automatic rules of one account; what one counts up to; seconds in which it counts; hosts that one lets pass, and characters of one. Code
   * points of a moderator's note, and of what somebody is told. How long somebody is muted.
   */
  moderation: {
    rules: 50,
    threshold: { min: 1, max: 1_000 },
    windowSeconds: { min: 1, max: 86_400 },
    hosts: 100,
    host: 253,
    note: 1_000,
    muteSeconds: { min: 60, max: 366 * 86_400 },
  },
  /** Members up to which a mention of everyone notifies each; bound of the unread count. */
  notifications: { everyone: 200, counted: 1_000 },
  /** Code points of a user search. */
  userQuery: 100,
  /** Ids named in one call: initial members, additions. */
  batch: 100,
  page: { max: 100, default: 50 },
  /** Conversations named in one sync; rows of its answer, and about how many bytes they have; members in it; heads listed in it. */
  sync: { conversations: 500, rows: 1_000, defaultRows: 200, bytes: 512 * 1024, inlineMembers: 200, heads: 500 },
} as const;
