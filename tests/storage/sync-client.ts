import { noMetrics } from '@coucou/application/metrics/no-metrics';
import { type ConversationChanges, sync, type Sync, type SyncPage } from '@coucou/application/sync/sync';
import type { SyncReader } from '@coucou/application/sync/sync-reader';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { Held } from '@coucou/domain/sync/pages';
import { as } from '../use-cases/calls.ts';

export type SyncRequest = Omit<Sync, 'conversations'> & Readonly<{ conversations: readonly Held[] }>;

/** Sync as a client gets it, on this reader. */
export const askSync = (
  reader: SyncReader,
  account: AccountId,
  viewer: UserId,
  { conversations, ...request }: SyncRequest,
): Promise<SyncPage> =>
  sync.run(
    { reader, metrics: noMetrics },
    { ...request, conversations: Object.fromEntries(conversations.map(({ id, ...held }) => [id, held])) },
    as(account, viewer),
  );

type Changes = Extract<ConversationChanges, { removed: false }>;

/** What a client holds of one conversation: state, keyed as it keys it. */
export type Copy = {
  version: number;
  receiptsVersion: number;
  /** The first seq of the window it began with: older messages are read as history. */
  from: number;
  conversation: Changes['conversation'];
  unread: Changes['unread'];
  messages: Map<number, Changes['messages'][number]>;
  members: Map<UserId, Changes['members'][number]>;
};

/** A client that does what the protocol tells it, and nothing clever. */
export class SyncClient {
  readonly copies = new Map<ConversationId, Copy>();
  private readonly reader: SyncReader;
  private readonly account: AccountId;
  private readonly viewer: UserId;

  constructor(reader: SyncReader, account: AccountId, viewer: UserId) {
    this.reader = reader;
    this.account = account;
    this.viewer = viewer;
  }

  /** Asks until nothing is missing any more. */
  async sync(ids: readonly ConversationId[], limit: number): Promise<void> {
    for (let round = 0, more = true; more; round += 1) {
      if (round > 500) throw new Error('sync does not come to an end');
      // Version 0: of the window that is due, nothing has come yet.
      const conversations = ids.map((id) => {
        const { version, receiptsVersion } = this.copies.get(id) ?? { version: 0, receiptsVersion: undefined };
        return version === 0 ? { id, version: undefined } : { id, version, receiptsVersion };
      });
      const page = await askSync(this.reader, this.account, this.viewer, { conversations, limit });
      for (const changes of page.conversations) this.apply(changes);
      more = page.conversations.some((changes) => !changes.removed && changes.hasMore);
    }
  }

  private apply(changes: ConversationChanges): void {
    if (changes.removed) {
      this.copies.delete(changes.id);
      return;
    }
    const { id, version, receiptsVersion, conversation, unread, messages, members, reset } = changes;
    if (reset) this.copies.delete(id);
    const from = Math.min(conversation.lastSeq + 1, ...messages.map((message) => message.seq));
    const copy = this.copies.get(id) ?? {
      version: 0,
      receiptsVersion: 0,
      from,
      conversation,
      unread,
      messages: new Map(),
      members: new Map(),
    };
    for (const message of messages) copy.messages.set(message.seq, message);
    for (const view of members) {
      if (view.member.leftAt === undefined) copy.members.set(view.member.userId, view);
      else copy.members.delete(view.member.userId);
    }
    this.copies.set(id, { ...copy, version, receiptsVersion, conversation, unread });
  }
}

/** What a copy says of a conversation from a place on, in an order that does not tell how it came about. */
export const stateOf = (copy: Copy | undefined, from: number) =>
  copy && {
    version: copy.version,
    conversation: copy.conversation,
    unread: copy.unread,
    messages: [...copy.messages.values()].filter((message) => message.seq >= from).toSorted((a, b) => a.seq - b.seq),
    // Marks are no part of it: they take no version of the conversation, and travel as receipts.
    members: [...copy.members.values()]
      .map(({ user, member }) => ({ user, member: { ...member, readSeq: undefined, deliveredSeq: undefined } }))
      .toSorted((a, b) => (a.member.userId < b.member.userId ? -1 : 1)),
  };
