import type { Member, SharedConversation, Unread } from '@coucou/contracts/conversations/conversation';
import type { StoredMessage } from '@coucou/contracts/messages/message';
import type { ConversationSync } from '@coucou/contracts/sync/sync';
import type { z } from 'zod';
import type { Payload } from '../support/event-log.ts';

export type Marks = { deliveredSeq: number; readSeq: number };
type WireMessage = z.infer<typeof StoredMessage>;
type Changes = z.infer<typeof ConversationSync>;

/** How a person arranges a conversation for themself. */
export type Arrangement = Readonly<{
  archived: boolean;
  pinned: boolean;
  notify: string;
  mutedUntil?: string | undefined;
  unreadFromSeq?: number | undefined;
}>;
export const arrangementOf = ({ archived, pinned, notify, mutedUntil, unreadFromSeq }: Arrangement): Arrangement => ({
  archived,
  pinned,
  notify,
  mutedUntil,
  unreadFromSeq,
});

/** What a client holds of one conversation. */
export type Copy = {
  version: number;
  receiptsVersion: number;
  lastSeq: number;
  /** The first seq of the window it began with: older messages are read as history. */
  readonly from: number;
  conversation: z.infer<typeof SharedConversation>;
  unread: z.infer<typeof Unread>;
  arrangement: Arrangement;
  readonly messages: Map<number, WireMessage>;
  readonly members: Map<string, z.infer<typeof Member>>;
  readonly marks: Map<string, Marks>;
  /** What begins to be seen, or no longer is, with a change of settings: the window has to be taken anew. */
  stale: boolean;
  /** More was announced: rows changed later than this version are still to come, so that events cannot be applied yet. */
  partial: boolean;
};

/** Marks merge by maximum, whoever tells them and in whatever order; those who leave keep theirs, since they only come back further on. */
function mark(copy: Copy, userId: string, { deliveredSeq, readSeq }: Marks): void {
  const known = copy.marks.get(userId);
  copy.marks.set(userId, {
    deliveredSeq: Math.max(known?.deliveredSeq ?? 0, deliveredSeq),
    readSeq: Math.max(known?.readSeq ?? 0, readSeq),
  });
}

function seat(copy: Copy, member: z.infer<typeof Member>): void {
  if (member.leftAt === undefined) copy.members.set(member.userId, member);
  else copy.members.delete(member.userId);
  mark(copy, member.userId, member);
}

function settle(copy: Copy, conversation: Copy['conversation']): void {
  if (conversation.settings.history !== copy.conversation.settings.history) copy.stale = true;
  for (const seq of copy.messages.keys()) if (seq < conversation.firstSeq) copy.messages.delete(seq);
  copy.conversation = conversation;
}

export function copyOf(changes: Changes): Copy {
  const { conversation, version, receiptsVersion, lastSeq, unread, membership } = changes;
  if (conversation === undefined || membership === undefined) throw new Error('a window without the conversation');
  const from = Math.min(lastSeq + 1, ...changes.messages.map(({ seq }) => seq));
  const held = { messages: new Map(), members: new Map(), marks: new Map() };
  const arrangement = arrangementOf(membership);
  const copy: Copy = { version, receiptsVersion, lastSeq, from, conversation, unread, arrangement, ...held, stale: false, partial: false };
  fill(copy, changes);
  return copy;
}

/** Takes in the rows of an answer; what came by events meanwhile may be newer than some of them. */
export function fill(copy: Copy, changes: Changes): void {
  for (const message of changes.messages) {
    const known = copy.messages.get(message.seq);
    if (message.seq >= copy.from && message.version >= (known?.version ?? 0)) copy.messages.set(message.seq, message);
  }
  for (const member of changes.members) seat(copy, member);
  for (const receipt of changes.receipts) mark(copy, receipt.userId, receipt);
  if (changes.conversation !== undefined) settle(copy, changes.conversation);
  copy.version = changes.version;
  copy.partial = changes.hasMore;
  copy.receiptsVersion = changes.receiptsVersion;
  copy.lastSeq = changes.lastSeq;
  copy.unread = changes.unread;
  if (changes.membership !== undefined) copy.arrangement = arrangementOf(changes.membership);
}

/** `message:updated` says nothing of one's own reactions: they are kept from before. */
function revise(copy: Copy, message: WireMessage): void {
  const known = copy.messages.get(message.seq);
  if (known === undefined) return;
  const mine = new Set(known.reactions?.filter((reaction) => reaction.mine).map(({ emoji }) => emoji));
  const reactions = message.reactions?.map((reaction) => ({ ...reaction, mine: mine.has(reaction.emoji) }));
  copy.messages.set(message.seq, { ...message, reactions });
}

function react(copy: Copy, me: string, event: Payload): void {
  const known = copy.messages.get(event.seq);
  if (known === undefined) return;
  const before = known.reactions?.find(({ emoji }) => emoji === event.emoji);
  const others = known.reactions?.filter(({ emoji }) => emoji !== event.emoji) ?? [];
  const mine = event.userId === me ? event.added : (before?.mine ?? false);
  const reactions = event.count === 0 ? others : [...others, { emoji: event.emoji, count: event.count, mine }];
  copy.messages.set(event.seq, { ...known, version: event.version, reactions });
}

/** What is left of a deleted message: that it was there, who wrote it, and what it answered. */
function erase(copy: Copy, event: Payload): void {
  const known = copy.messages.get(event.seq);
  if (known === undefined) return;
  const {
    content: _content,
    data: _data,
    attachments: _files,
    mentions: _mentions,
    reactions: _reactions,
    pinned: _pinned,
    ...rest
  } = known;
  copy.messages.set(event.seq, { ...rest, version: event.version, deletedAt: event.deletedAt });
}

/** Takes in the event of the next version. False: it says that something changed, and not what. */
export function advance(copy: Copy, me: string, name: string, event: Payload): boolean {
  if (name === 'message:updated' && event.message === undefined) return false;
  copy.version = event.version;
  switch (name) {
    case 'message:new': {
      copy.messages.set(event.message.seq, event.message);
      copy.lastSeq = Math.max(copy.lastSeq, event.message.seq);
      return true;
    }
    case 'message:updated':
      revise(copy, event.message);
      return true;
    case 'message:deleted':
      erase(copy, event);
      return true;
    case 'reaction:changed':
      react(copy, me, event);
      return true;
    case 'pin:changed': {
      const known = copy.messages.get(event.seq);
      if (known !== undefined) copy.messages.set(event.seq, { ...known, version: event.version, pinned: event.pinned || undefined });
      return true;
    }
    case 'member:joined':
    case 'member:updated':
    case 'member:left':
      seat(copy, event.member);
      return true;
    case 'conversation:updated':
      settle(copy, event.conversation);
      return true;
    default:
      throw new Error(`an event with a version that nobody knows: ${name}`);
  }
}

/** Receipts carry no version of the conversation and do not reach everyone: they are taken in, and only sync says that none is missing. */
export function receive(copy: Copy, event: Payload): void {
  for (const item of event.items) mark(copy, item.userId, item);
}
