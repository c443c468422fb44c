import type { ConversationChanges, SyncPage } from '@coucou/application/sync/sync';
import type { ConversationSync, sync } from '@coucou/contracts/sync/sync';
import type { z } from 'zod';
import { presentMembership, presentMemberView, presentShared } from '../conversations/presenters.ts';
import { presentReceipt } from '../receipts/presenters.ts';
import { presentStoredMessage } from '../messages/presenters.ts';

const NOTHING = {
  version: 0,
  receiptsVersion: 0,
  lastSeq: 0,
  unread: { messages: 0, mentions: 0 },
  messages: [],
  members: [],
  receipts: [],
  hasMore: false,
};

const presentChanges = (changes: ConversationChanges): z.infer<typeof ConversationSync> =>
  changes.removed
    ? { id: changes.id, ...NOTHING, removed: true }
    : {
        id: changes.id,
        version: changes.version,
        receiptsVersion: changes.receiptsVersion,
        lastSeq: changes.conversation.lastSeq,
        unread: { messages: changes.unread.messages, mentions: changes.unread.mentions },
        membership: presentMembership(changes.membership),
        conversation: changes.conversationChanged ? presentShared(changes.conversation) : undefined,
        messages: changes.messages.map(presentStoredMessage),
        members: changes.members.map(presentMemberView),
        receipts: changes.receipts.map(presentReceipt),
        reset: changes.reset ? true : undefined,
        hasMore: changes.hasMore,
      };

export const presentSync = (page: SyncPage): z.infer<NonNullable<(typeof sync)['output']>> => ({
  epoch: page.epoch,
  user: {
    version: page.user.version,
    events: page.user.events.map(({ version, kind, payload, at }) => ({ version, kind, payload, at: at.toISOString() })),
    hasMore: page.user.hasMore,
    reset: page.user.reset ? true : undefined,
  },
  conversations: page.conversations.map(presentChanges),
  heads: page.heads.map(([id, version, receiptsVersion]) => [id, version, receiptsVersion]),
  headsCursor: page.headsCursor,
});
