import type { Conversation } from '@coucou/domain/conversations/conversation';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import type { Message } from '@coucou/domain/messages/message';
import type { Receipt } from '@coucou/domain/receipts/receipt';
import { type FeedPage, feedPage, planFeed } from '@coucou/domain/sync/feed';
import { cutPage, type Held, type PagePlan, planPages } from '@coucou/domain/sync/pages';
import type { ConversationView, MemberView, Unread } from '../conversations/conversation-reader.ts';
import { useCase } from '../kernel/use-case.ts';
import { type ConversationState, type Head, type PageRows, SyncReader } from './sync-reader.ts';

export type Sync = Readonly<{
  /** The epoch of the client's copy; another one than the server's resets everything. */
  epoch?: string | undefined;
  /** The version held of the viewer's feed; undefined asks for the current one. */
  user?: Readonly<{ version?: number | undefined }> | undefined;
  conversations: Readonly<Record<string, Readonly<{ version?: number | undefined; receiptsVersion?: number | undefined }>>>;
  /** Rows over all conversations; entries of the feed. */
  limit: number;
  headsCursor?: string | undefined;
}>;

export type ConversationChanges =
  | Readonly<{ id: ConversationId; removed: true }>
  | Readonly<{
      id: ConversationId;
      removed: false;
      /** As of this page: a version boundary. */
      version: number;
      conversation: Conversation;
      /** Whether the conversation's own fields changed within the page. */
      conversationChanged: boolean;
      /** The viewer's own, as it is now, regardless of the page: some of it changes without a feed entry. */
      membership: ConversationView['membership'];
      unread: Unread;
      messages: readonly Message[];
      members: readonly MemberView[];
      /** Moved since; state, regardless of the page. */
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
 * domain makes of them. The number of queries does not depend on the number of conversations.
 */
export const sync = useCase({
  name: 'sync.conversations',
  deps: { reader: SyncReader },
  run({ reader }, input: Sync, { account, actor }): Promise<SyncPage> {
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
      return {
        epoch: reader.epoch,
        user: feedPage(input.user?.version, limit, restored, feed),
        conversations: ids.map((id) => changesOf(id, states.get(id), plans.get(id), rows.get(id))),
        ...heads,
      };
    });
  },
});

function changesOf(
  id: ConversationId,
  state: ConversationState | undefined,
  plan: PagePlan | undefined,
  rows: PageRows | undefined,
): ConversationChanges {
  if (state === undefined || plan === undefined || rows === undefined) return { id, removed: true };
  const { conversation, changedVersion, membership, unread } = state;
  return {
    id,
    removed: false,
    conversation,
    conversationChanged: changedVersion > plan.from,
    membership,
    unread,
    receipts: rows.receipts,
    ...cutPage(plan, rows, conversation.version),
  };
}
