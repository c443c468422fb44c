import type { Conversation, Member } from '../conversations/conversation.ts';
import type { ConversationId } from '../kernel/ids.ts';
import { limits } from '../kernel/limits.ts';
import type { Message } from '../messages/message.ts';

/** What a client holds of a conversation; without a version it asks for a window of the newest messages. */
export type Held = Readonly<{ id: ConversationId; version: number | undefined; receiptsVersion?: number | undefined }>;

/** A conversation as it is now, as seen by one of its members. */
export type Synced = Readonly<{
  conversation: Pick<Conversation, 'id' | 'version' | 'receiptsVersion' | 'memberCount' | 'settings'>;
  /** The viewer's own. */
  membership: Pick<Member, 'version'>;
  /** The viewer sees no message up to this seq. */
  floor: number;
}>;

/** How much of one conversation this answer takes, and what has to be read for it. */
export type PagePlan = Readonly<{
  id: ConversationId;
  /** `window`: reset to the newest messages; `changes`: everything after the version `from`. */
  kind: 'window' | 'changes';
  from: number;
  /** Rows that the page may take; 0: it stays where it is. */
  rows: number;
  floor: number;
  /** Rows to read of each kind, one more than can be taken where that tells whether it goes on; 0: none. */
  messages: number;
  members: number;
  /** Whose marks to read, moved after this receipts version. */
  receipts: Readonly<{ from: number; of: 'everyone' | 'viewer' }>;
}>;

/** Messages of a window: what a screen shows. */
const WINDOW = 50;

/** Before the first version of the receipts: everybody's marks are newer. */
const NO_RECEIPTS = -1;

/**
 * The rule of reset. A version that the server never gave belongs to another life of the database; where history begins with the
 * joining, one from before the viewer came back belongs to messages that are out of their sight now. Either way what is held is dropped,
 * as it is where nothing is held.
 */
function needsWindow(version: number | undefined, { conversation, membership }: Synced): boolean {
  if (version === undefined || version > conversation.version) return true;
  return conversation.settings.history === 'joined' && version < membership.version;
}

/**
 * Shares `limit` rows of one answer among the conversations, in the order they were named. A version takes at least one row, so the
 * distance in versions bounds what a conversation needs; one that gets nothing is answered with `hasMore`. Conversations that the viewer
 * is no member of have no plan. `restored`: the client's copy is of another life of the database.
 */
export function planPages(
  held: readonly Held[],
  synced: ReadonlyMap<ConversationId, Synced>,
  limit: number,
  restored: boolean,
): ReadonlyMap<ConversationId, PagePlan> {
  const named = held.flatMap(({ id, version, receiptsVersion = NO_RECEIPTS }) => {
    const state = synced.get(id);
    if (state === undefined) return [];
    const from = restored || version === undefined || needsWindow(version, state) ? undefined : version;
    return [{ id, from, receiptsVersion, state }];
  });
  const windows = named.filter(({ from }) => from === undefined).length;
  const windowRows = Math.max(1, Math.min(WINDOW, Math.floor(limit / Math.max(1, windows))));
  let left = limit;
  const plans = new Map<ConversationId, PagePlan>();
  for (const { id, from, receiptsVersion, state } of named) {
    const { conversation, floor } = state;
    const isInline = conversation.memberCount <= limits.sync.inlineMembers;
    const isReset = from === undefined || receiptsVersion > conversation.receiptsVersion;
    const receipts = {
      from: isReset ? NO_RECEIPTS : receiptsVersion,
      of: conversation.memberCount <= limits.individualReceipts ? ('everyone' as const) : ('viewer' as const),
    };
    if (from === undefined) {
      const members = isInline ? limits.sync.inlineMembers : 0;
      plans.set(id, { id, kind: 'window', from: 0, rows: windowRows, floor, messages: windowRows, members, receipts });
      continue;
    }
    const rows = Math.min(conversation.version - from, left);
    left -= rows;
    const messages = rows === 0 ? 0 : rows + 1;
    // One version stamps at most a batch of memberships: that many beyond the page always complete its first version.
    const members = rows === 0 || !isInline ? 0 : rows + limits.batch + 2;
    plans.set(id, { id, kind: 'changes', from, rows, floor, messages, members, receipts });
  }
  return plans;
}

export type ConversationPage<M, V> = Readonly<{
  /** The page is complete up to here: a version boundary. */
  version: number;
  messages: readonly M[];
  members: readonly V[];
  reset: boolean;
  hasMore: boolean;
}>;

type VersionedMessage = Pick<Message, 'seq' | 'version'>;
type VersionedMember = Readonly<{ member: Pick<Member, 'version'> }>;

/**
 * Ends a page on a version boundary: all rows of its last version are in it. The rows are what was read for the plan, in any order;
 * `current` is the version of the conversation in the moment they are of. A list that came back full may go on with the version that it
 * ends in.
 */
export function cutPage<M extends VersionedMessage, V extends VersionedMember>(
  plan: PagePlan,
  rows: Readonly<{ messages: readonly M[]; members: readonly V[] }>,
  current: number,
): ConversationPage<M, V> {
  if (plan.kind === 'window') {
    const messages = rows.messages.toSorted((a, b) => a.seq - b.seq);
    return { version: current, messages, members: rows.members, reset: true, hasMore: false };
  }
  if (plan.rows === 0) return { version: plan.from, messages: [], members: [], reset: false, hasMore: plan.from < current };

  const ofMessages = rows.messages.map(({ version }) => version);
  const ofMembers = rows.members.map(({ member }) => member.version);
  const completeTo = (versions: readonly number[], most: number) =>
    most === 0 || versions.length < most ? current : Math.max(...versions) - 1;
  const complete = Math.min(completeTo(ofMessages, plan.messages), completeTo(ofMembers, plan.members));
  const versions = [...new Set([...ofMessages, ...ofMembers])].filter((version) => version <= complete).toSorted((a, b) => a - b);
  const last = versions.length > plan.rows ? (versions[plan.rows - 1] ?? complete) : complete;
  return {
    version: last,
    messages: rows.messages.filter(({ version }) => version <= last).toSorted((a, b) => a.version - b.version),
    members: rows.members.filter(({ member }) => member.version <= last),
    reset: false,
    hasMore: last < current,
  };
}
