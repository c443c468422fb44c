import type { Conversation, Member } from '../conversations/conversation.ts';
import type { ConversationId } from '../kernel/ids.ts';
import { limits } from '../kernel/limits.ts';

/** What a client holds of a conversation; without a version it asks for a window of the newest messages. */
export type Held = Readonly<{ id: ConversationId; version: number | undefined; receiptsVersion?: number | undefined }>;

/** A conversation as it is now, as seen by one of its members. */
export type Synced = Readonly<{
  conversation: Pick<Conversation, 'id' | 'version' | 'receiptsVersion' | 'memberCount' | 'settings' | 'trimmedVersion'>;
  /** The viewer's own. */
  membership: Pick<Member, 'version'>;
  /** The viewer sees no message up to this seq. */
  floor: number;
}>;

/** How much of one conversation to read for this answer, and at most to answer. */
export type PagePlan = Readonly<{
  id: ConversationId;
  /** `window`: reset to the newest messages; `changes`: everything after the version `from`. */
  kind: 'window' | 'changes';
  from: number;
  /** Versions that the page may take; of a window, messages. 0: it stays where it is. */
  rows: number;
  floor: number;
  /** Rows to read of each kind, one more than can be taken where that tells whether it goes on; 0: none. */
  messages: number;
  members: number;
  /** Whose marks to read, moved after this receipts version, and how many there are at most; 0: none, though they may be due. */
  receipts: Readonly<{ from: number; of: 'everyone' | 'viewer'; isDue: boolean; most: number }>;
}>;

/** Messages of a window: what a screen shows. */
const WINDOW = 50;

/** Before the first version of the receipts: everybody's marks are newer. */
const NO_RECEIPTS = -1;

/**
 * The rule of reset. A version that the server never gave belongs to another life of the database; where history begins with the
 * joining, one from before the viewer came back belongs to messages that are out of their sight now; and one from before messages were
 * trimmed may belong to those. Whichever it is, what is held is dropped, as it is where nothing is held.
 */
function needsWindow(version: number | undefined, { conversation, membership }: Synced): boolean {
  if (version === undefined || version > conversation.version || version < conversation.trimmedVersion) return true;
  return conversation.settings.history === 'joined' && version < membership.version;
}

/** Rows that may be read for an answer of `limit` rows: many are asked for that turn out not to be there, and do not count. */
const readable = (limit: number): number => Math.max(1_000, 5 * limit);

/**
 * What to read for an answer of `limit` rows, by conversation, in the order they were named. A version takes at least one row, so the
 * distance in versions bounds what a conversation needs; of one that gets nothing, nothing is read. Conversations that the viewer is no
 * member of have no plan. `restored`: the client's copy is of another life of the database.
 */
export function planPages(
  held: readonly Held[],
  synced: ReadonlyMap<ConversationId, Synced>,
  limit: number,
  restored: boolean,
): ReadonlyMap<ConversationId, PagePlan> {
  const named = held.flatMap(({ id, version, receiptsVersion }) => {
    const state = synced.get(id);
    if (state === undefined) return [];
    const from = restored || version === undefined || needsWindow(version, state) ? undefined : version;
    return [{ id, from, receiptsVersion, state }];
  });
  const windows = named.filter(({ from }) => from === undefined).length;
  const windowRows = Math.max(1, Math.min(WINDOW, Math.floor(limit / Math.max(1, windows))));
  let left = limit;
  let toRead = readable(limit);
  /** Whether so many more are read; the first always are. */
  const reads = (rows: number): boolean => {
    if (rows > toRead && toRead < readable(limit)) return false;
    toRead -= rows;
    return true;
  };
  const plans = new Map<ConversationId, PagePlan>();
  for (const { id, from, receiptsVersion, state } of named) {
    const { conversation, floor } = state;
    const { memberCount } = conversation;
    const isInline = memberCount <= limits.sync.inlineMembers;
    const marks = marksOf(conversation, from === undefined, receiptsVersion);
    if (from === undefined) {
      const isRead = reads(windowRows + (isInline ? memberCount : 0) + marks.most);
      const [messages, members] = isRead ? [windowRows, isInline ? limits.sync.inlineMembers : 0] : [0, 0];
      plans.set(id, {
        id,
        kind: 'window',
        from: 0,
        rows: messages,
        floor,
        messages,
        members,
        receipts: isRead ? marks : { ...marks, most: 0 },
      });
      continue;
    }
    const wanted = Math.min(conversation.version - from, left);
    const rows = wanted === 0 || reads(wanted + (isInline ? Math.min(wanted + limits.batch, memberCount) : 0)) ? wanted : 0;
    left -= rows;
    const messages = rows === 0 ? 0 : rows + 1;
    // One version stamps at most a batch of memberships: that many beyond the page always complete its first version.
    const members = rows === 0 || !isInline ? 0 : rows + limits.batch + 2;
    const receipts = marks.most === 0 || reads(marks.most) ? marks : { ...marks, most: 0 };
    plans.set(id, { id, kind: 'changes', from, rows, floor, messages, members, receipts });
  }
  return plans;
}

/**
 * All marks go with a window, and to a copy of another life of the database. Beside changes, those that moved since the receipts version
 * held: who names none wants none, and would be given all of them again with every answer.
 */
function marksOf(
  { receiptsVersion, memberCount }: Synced['conversation'],
  isWindow: boolean,
  held: number | undefined,
): PagePlan['receipts'] {
  const from = isWindow || held === undefined || held > receiptsVersion ? NO_RECEIPTS : held;
  const of = memberCount <= limits.individualReceipts ? ('everyone' as const) : ('viewer' as const);
  const isDue = isWindow || (held !== undefined && from < receiptsVersion);
  return { from, of, isDue, most: !isDue ? 0 : of === 'everyone' ? memberCount : 1 };
}
