/**
 * What a run under faults leaves to be judged: everything that clients did and were told, in the order in which one observer wrote it
 * down, and what the database holds in the end. Plain data, so that histories of real nodes and of simulated ones are judged alike.
 */
export type History = Readonly<{
  log: readonly Entry[];
  conversations: readonly FinalConversation[];
  rows: readonly FinalRow[];
  memberships: readonly Membership[];
  /** Clients that were connected at the end and had the time to catch up: they must have everything. */
  complete: readonly Client[];
}>;

/** One device of one user. A device that lost what it held is another client. */
export type Client = Readonly<{ client: string; user: string }>;

/** A message as somebody was shown it. `id` is the one that its sender gave it. */
export type Shown = Readonly<{ seq: number; version: number; sender: string; id: string; value: string }>;

export type Call =
  | Readonly<{ kind: 'send'; conversation: string; id: string; value: string }>
  /** A page of the history, from the seq that follows `after`. */
  | Readonly<{ kind: 'history'; conversation: string; after: number }>
  /** What changed since `version`; without one, a window of the newest messages. */
  | Readonly<{ kind: 'sync'; conversation: string; version: number | undefined }>;

export type Answer =
  | Readonly<{ kind: 'send'; message: Shown }>
  | Readonly<{ kind: 'history'; messages: readonly Shown[]; hasMore: boolean }>
  | Readonly<{ kind: 'sync'; version: number; messages: readonly Shown[]; hasMore: boolean }>;

/** Milliseconds of the clock that also stamps commits, where those are known. */
type By = Client & Readonly<{ at: number }>;

export type Invoked = By & Readonly<{ type: 'invoke'; op: number; call: Call }>;
export type Ended =
  | (By & Readonly<{ type: 'ok'; op: number; answer: Answer }>)
  /** Refused for certain: it had no effect and will have none. */
  | (By & Readonly<{ type: 'fail'; op: number; code: string }>)
  /** Nobody knows whether it had an effect, or will have one. */
  | (By & Readonly<{ type: 'unknown'; op: number }>);
/** A change of the conversation that the server announced by itself, with the message where it is one. */
export type Told = By & Readonly<{ type: 'event'; name: string; conversation: string; version: number; message?: Shown | undefined }>;
/** The client's copy of the conversation is now complete up to this version; from where it `begins`, for one who has just joined or connected. */
export type Holds = By & Readonly<{ type: 'holds'; conversation: string; version: number; begins: boolean }>;

export type Entry = Invoked | Ended | Told | Holds;

export type FinalConversation = Readonly<{ id: string; version: number; lastSeq: number }>;
/** `committedAt` where the database knows it. */
export type FinalRow = Shown & Readonly<{ conversation: string; committedAt?: number | undefined }>;
/** By versions of the conversation: `from` the one that the joining took, `until` the one that the leaving took. */
export type Membership = Readonly<{ user: string; conversation: string; from: number; until?: number | undefined }>;

export type Finding = Readonly<{ checker: string; what: string }>;
export type Checker = (history: History) => string[];
