import type { MemberView } from '@coucou/application/conversations/conversation-reader';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';

export type Pending = Readonly<{
  id: ConversationId;
  held: number | undefined;
  current: number;
  floor: number;
  /** Where history begins with the joining: the last change of the viewer's membership. Otherwise 0. */
  since: number;
}>;

/** How much of one conversation this answer takes. */
export type PagePlan = Readonly<{
  id: ConversationId;
  /** `window`: what is held is dropped, the newest messages are taken; `changes`: everything after `from`. */
  kind: 'window' | 'changes';
  from: number;
  rows: number;
  floor: number;
}>;

const WINDOW = 50;

/**
 * Shares the rows of one answer among the conversations, in the order they were named. A version takes at least one row, so the
 * distance in versions bounds what a conversation needs; one that gets nothing is answered with `hasMore`.
 */
export function planPages(pending: readonly Pending[], limit: number): PagePlan[] {
  // A version that the server never gave belongs to another life of the database; one from before the viewer came back belongs to
  // messages that are out of sight now. Either way what is held is dropped.
  const isWindow = ({ held, current, since }: Pending) => held === undefined || held > current || held < since;
  const windows = pending.filter(isWindow).length;
  const windowRows = windows === 0 ? 0 : Math.max(1, Math.min(WINDOW, Math.floor(limit / windows)));
  let left = limit;
  return pending.map((conversation) => {
    const { id, held, current, floor } = conversation;
    if (held === undefined || isWindow(conversation)) return { id, kind: 'window', from: 0, rows: windowRows, floor };
    const rows = Math.min(current - held, left);
    left -= rows;
    return { id, kind: 'changes', from: held, rows, floor };
  });
}

export type ChangeRow = Readonly<{ version: number } & ({ message: Message } | { member: MemberView })>;

export type CutPage = Readonly<{ version: number; messages: Message[]; members: MemberView[] }>;

/**
 * Ends a page on a version boundary: all rows of its last version are in it. `fetched` tells how many rows of each kind were asked
 * for, since a list that came back full may go on with the version it ends in.
 */
export function cutPage(
  plan: PagePlan,
  rows: readonly ChangeRow[],
  current: number,
  fetched: Readonly<{ messages: number; members: number }>,
): CutPage {
  const messages = rows.flatMap((row) => ('message' in row ? [row.message] : []));
  const members = rows.flatMap((row) => ('member' in row ? [row] : []));
  if (plan.kind === 'window') {
    return { version: current, messages: messages.toSorted((a, b) => a.seq - b.seq), members: members.map((row) => row.member) };
  }
  if (plan.rows === 0) return { version: plan.from, messages: [], members: [] };

  // Of the rows fetched, the highest version: what they were joined with may have put them in another order.
  const completeTo = (of: readonly Readonly<{ version: number }>[], most: number) =>
    of.length < most ? current : Math.max(...of.map(({ version }) => version)) - 1;
  const complete = Math.min(completeTo(messages, fetched.messages), completeTo(members, fetched.members));
  const versions = [...new Set(rows.map((row) => row.version))].filter((version) => version <= complete).toSorted((a, b) => a - b);
  const last = versions.length > plan.rows ? (versions[plan.rows - 1] ?? complete) : complete;
  return {
    version: last,
    messages: messages.filter((message) => message.version <= last).toSorted((a, b) => a.version - b.version),
    members: members.filter((row) => row.version <= last).map((row) => row.member),
  };
}
