import type { Conversation, Member } from '../conversations/conversation.ts';
import type { ConversationId } from '../kernel/ids.ts';
import { limits } from '../kernel/limits.ts';
import type { Message } from '../messages/message.ts';
import type { PagePlan } from './pages.ts';

export type ConversationPage<M, V, R> = Readonly<{
  /** The page is complete up to here: a version boundary. 0: of the window that is due, nothing is in this answer. */
  version: number;
  receiptsVersion: number;
  messages: readonly M[];
  members: readonly V[];
  receipts: readonly R[];
  reset: boolean;
  hasMore: boolean;
}>;

type VersionedMessage = Pick<Message, 'seq' | 'version'>;
type VersionedMember = Readonly<{ member: Pick<Member, 'version'> }>;
type Rows<M, V, R> = Readonly<{ messages: readonly M[]; members: readonly V[]; receipts: readonly R[] }>;
type Current = Pick<Conversation, 'version' | 'receiptsVersion'>;

/** About how many bytes each is in an answer; `fields`: those of the conversation that changed after a version. */
export type Sizes<M, V> = Readonly<{
  message: (message: M) => number;
  member: (member: V) => number;
  receipt: number;
  fields: (id: ConversationId, from: number) => number;
}>;

/** The room left in the answer. `isEmpty`: nothing is in it yet, and the first item fits whatever its size, so that every answer makes progress. */
type Room = Readonly<{ rows: number; bytes: number; isEmpty: boolean }>;
type Amount = Readonly<{ rows: number; bytes: number }>;

const hasRoom = (room: Room, { rows, bytes }: Amount): boolean => room.isEmpty || (rows <= room.rows && bytes <= room.bytes);
const without = (room: Room, { rows, bytes }: Amount): Room => ({
  rows: room.rows - rows,
  bytes: room.bytes - bytes,
  isEmpty: room.isEmpty && rows === 0,
});
const sum = (amounts: readonly Amount[]): Amount =>
  amounts.reduce((all, { rows, bytes }) => ({ rows: all.rows + rows, bytes: all.bytes + bytes }), { rows: 0, bytes: 0 });

/**
 * The pages of one answer, in the order the conversations were named, from the rows that were read for their plans, in any order. All rows
 * together are at most `limit`, and about so many bytes as an answer may have; the first conversation that lacks something gets at least a
 * version, or its whole window. What there is no room for is left for the next answer, which `hasMore` asks for. `current` holds the
 * conversations of the moment that the rows are of.
 */
export function cutPages<M extends VersionedMessage, V extends VersionedMember, R>(
  plans: ReadonlyMap<ConversationId, PagePlan>,
  read: ReadonlyMap<ConversationId, Rows<M, V, R>>,
  current: ReadonlyMap<ConversationId, Readonly<{ conversation: Current }>>,
  limit: number,
  sizes: Sizes<M, V>,
): ReadonlyMap<ConversationId, ConversationPage<M, V, R>> {
  let room: Room = { rows: limit, bytes: limits.sync.bytes, isEmpty: true };
  const pages = new Map<ConversationId, ConversationPage<M, V, R>>();
  for (const [id, plan] of plans) {
    const [rows, state] = [read.get(id), current.get(id)];
    if (rows === undefined || state === undefined) continue;
    const cut = plan.kind === 'window' ? cutWindow : cutChanges;
    const page = cut(plan, rows, state.conversation, room, sizes);
    const fields = page.version > plan.from ? sizes.fields(id, plan.from) : 0;
    room = without(room, amountOf(page, sizes, fields));
    pages.set(id, page);
  }
  return pages;
}

const amountOf = <M, V, R>({ messages, members, receipts }: Rows<M, V, R>, sizes: Sizes<M, V>, fields = 0): Amount =>
  sum([
    { rows: 0, bytes: fields },
    ...messages.map((message) => ({ rows: 1, bytes: sizes.message(message) })),
    ...members.map((member) => ({ rows: 1, bytes: sizes.member(member) })),
    { rows: receipts.length, bytes: receipts.length * sizes.receipt },
  ]);

/** A window comes whole or not at all; where it is too large by itself, it begins later. */
function cutWindow<M extends VersionedMessage, V, R>(
  plan: PagePlan,
  { members, receipts, ...rows }: Rows<M, V, R>,
  { version, receiptsVersion }: Current,
  room: Room,
  sizes: Sizes<M, V>,
): ConversationPage<M, V, R> {
  let messages: readonly M[] = rows.messages.toSorted((a, b) => a.seq - b.seq);
  if (plan.messages === 0 || !hasRoom(room, amountOf({ messages, members, receipts }, sizes, sizes.fields(plan.id, 0))))
    return { version: 0, receiptsVersion: 0, messages: [], members: [], receipts: [], reset: true, hasMore: true };
  while (messages.length > 1 && amountOf({ messages, members: [], receipts: [] }, sizes).bytes > room.bytes) messages = messages.slice(1);
  return { version, receiptsVersion, messages, members, receipts, reset: true, hasMore: false };
}

/**
 * Ends a page on a version boundary: all rows of its last version are in it. A list that came back full may go on with the version that it
 * ends in.
 */
function cutChanges<M extends VersionedMessage, V extends VersionedMember, R>(
  plan: PagePlan,
  rows: Rows<M, V, R>,
  current: Current,
  room: Room,
  sizes: Sizes<M, V>,
): ConversationPage<M, V, R> {
  const last = lastOf(plan, rows, current.version, room, sizes);
  const messages = rows.messages.filter(({ version }) => version <= last).toSorted((a, b) => a.version - b.version);
  const members = rows.members.filter(({ member }) => member.version <= last);
  const marks = { rows: rows.receipts.length, bytes: rows.receipts.length * sizes.receipt };
  const areGiven = plan.receipts.most > 0 && hasRoom(without(room, amountOf({ messages, members, receipts: [] }, sizes)), marks);
  return {
    version: last,
    receiptsVersion: areGiven ? current.receiptsVersion : Math.max(0, plan.receipts.from),
    messages,
    members,
    receipts: areGiven ? rows.receipts : [],
    reset: false,
    hasMore: last < current.version || (plan.receipts.isDue && !areGiven),
  };
}

/** The version up to which there are rows and room. */
function lastOf<M extends VersionedMessage, V extends VersionedMember>(
  plan: PagePlan,
  { messages, members }: Rows<M, V, unknown>,
  current: number,
  room: Room,
  sizes: Sizes<M, V>,
): number {
  if (plan.rows === 0) return plan.from;
  const rows = [
    ...messages.map((message) => ({ version: message.version, rows: 1, bytes: sizes.message(message) })),
    ...members.map((view) => ({ version: view.member.version, rows: 1, bytes: sizes.member(view) })),
  ];
  const completeTo = (versions: readonly number[], most: number) =>
    most === 0 || versions.length < most ? current : Math.max(...versions) - 1;
  const complete = Math.min(
    completeTo(
      messages.map(({ version }) => version),
      plan.messages,
    ),
    completeTo(
      members.map(({ member }) => member.version),
      plan.members,
    ),
  );
  const ofVersion = Map.groupBy(
    rows.filter(({ version }) => version <= complete),
    ({ version }) => version,
  );
  const versions = [...ofVersion.keys()].toSorted((a, b) => a - b);
  let [last, left] = [plan.from, without(room, { rows: 0, bytes: sizes.fields(plan.id, plan.from) })];
  for (const version of versions.slice(0, plan.rows)) {
    const amount = sum(ofVersion.get(version) ?? []);
    if (!hasRoom(left, amount)) return last;
    left = without(left, amount);
    last = version;
  }
  return versions.length > plan.rows ? last : complete;
}
