import type { Conversation } from '@coucou/domain/conversations/conversation';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import type { Receipt } from '@coucou/domain/receipts/receipt';
import { type FeedPage, feedPage, planFeed } from '@coucou/domain/sync/feed';
import { type ConversationPage, cutPages } from '@coucou/domain/sync/cut-pages';
import { type Held, planPages } from '@coucou/domain/sync/pages';
import type { ConversationView, MemberView, Unread } from '../conversations/conversation-reader.ts';
import { useCase } from '../kernel/use-case.ts';
import { metrics as catalogue } from '../metrics/catalogue.ts';
import { Metrics } from '../ports/metrics.ts';
import { sizeOf } from './sizes.ts';
import { type ConversationState, type Head, SyncReader } from './sync-reader.ts';

export type Sync = Readonly<{
  /** The epoch of the client's copy; another one than the server's resets everything. */
  epoch?: string | undefined;
  /** The version held of the viewer's feed; undefined asks for the current one. */
  user?: Readonly<{ version?: number | undefined }> | undefined;
  conversations: Readonly<Record<string, Readonly<{ version?: number | undefined; receiptsVersion?: number | undefined }>>>;
  /** Rows over all conversations: messages, members and marks; entries of the feed. */
  limit: number;
  headsCursor?: string | undefined;
}>;

export type ConversationChanges =
  | Readonly<{ id: ConversationId; removed: true }>
  | Readonly<{
      id: ConversationId;
      removed: false;
      /** As of this page: a version boundary. 0: of the window that is due, nothing is in this answer. */
      version: number;
      receiptsVersion: number;
      conversation: Conversation;
      /** Whether the conversation's own fields changed within the page. */
      conversationChanged: boolean;
      /** The viewer's own, as it is now, regardless of the page: some of it changes without a feed entry. */
      membership: ConversationView['membership'];
      unread: Unread;
      messages: readonly Message[];
      members: readonly MemberView[];
      /** Moved since, up to `receiptsVersion`; state, regardless of the page. */
      receipts: readonly Receipt[];
      reset: boolean;
      hasMore: boolean;
    }>;

export type SyncPage = Readonly<{
  epoch: string;
  user: FeedPage;
  conversations: readonly ConversationChanges[];
  /** The viewer's conversations that were not named. */
  heads: readonly Head[];
  headsCursor: string | undefined;
}>;

/**
 * Complete or refused, never partial: all rows of a page are of one moment. The versions are read first; then the rows of the plan that the
 * domain makes of them, which then says how much of them the answer has room for. The number of queries does not depend on the number of
 * conversations.
 */
export const sync = useCase({
  name: 'sync.conversations',
  deps: { reader: SyncReader, metrics: Metrics },
  run({ reader, metrics }, input: Sync, { account, actor }): Promise<SyncPage> {
    const { limit } = input;
    const held = Object.entries(input.conversations).map(([id, of]): Held => ({ id: id as ConversationId, version: undefined, ...of }));
    const ids = held.map(({ id }) => id);
    const restored = input.epoch !== undefined && input.epoch !== reader.epoch;
    return reader.read(account, actor.userId, async (moment) => {
      const [feed, states, heads] = await Promise.all([
        moment.feed(planFeed(input.user?.version, limit, restored)),
        moment.conversations(ids),
        moment.heads(ids, input.headsCursor),
      ]);
      const plans = planPages(held, states, limit, restored);
      const rows = await moment.rows([...plans.values()]);
      const pages = cutPages(plans, rows, states, limit, {
        ...sizeOf,
        fields: (id, from) => {
          const state = states.get(id);
          return state === undefined || state.changedVersion <= from ? 0 : sizeOf.conversation(state.conversation);
        },
      });
      const user = feedPage(input.user?.version, limit, restored, feed);
      const conversations = ids.map((id) => changesOf(id, states.get(id), pages.get(id), plans.get(id)?.from));
      count(metrics, input, user, conversations);
      return { epoch: reader.epoch, user, conversations, ...heads };
    });
  },
});

/** A window that was asked for, of a conversation without a version, is no reset. */
function count(metrics: Metrics, { conversations: held }: Sync, user: FeedPage, conversations: readonly ConversationChanges[]): void {
  const resets = conversations.filter((changes) => !changes.removed && changes.reset && held[changes.id]?.version !== undefined).length;
  metrics.counter(catalogue.syncs, { outcome: resets > 0 || user.reset ? 'reset' : 'complete' }).add();
  if (resets > 0) metrics.counter(catalogue.syncResets, { of: 'conversation' }).add(resets);
  if (user.reset) metrics.counter(catalogue.syncResets, { of: 'feed' }).add();
}

type Page = ConversationPage<Message, MemberView, Receipt>;

function changesOf(id: ConversationId, state: ConversationState | undefined, page: Page | undefined, from = 0): ConversationChanges {
  if (state === undefined || page === undefined) return { id, removed: true };
  const { conversation, changedVersion, membership, unread } = state;
  // What is not in this answer is left to the one that it is in.
  const conversationChanged = changedVersion > from && page.version > from;
  return { id, removed: false, conversation, conversationChanged, membership, unread, ...page };
}
