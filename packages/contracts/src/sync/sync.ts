import { limits } from '@coucou/domain/kernel/limits';
import { z } from 'zod';
import { Member, Membership, SharedConversation, Unread } from '../conversations/conversation.ts';
import { operation } from '../kernel/operation.ts';
import { counter, cursor, id, time } from '../kernel/types.ts';
import { Receipt } from '../receipts/receipts.ts';
import { StoredMessage } from '../messages/message.ts';
import { feedFields } from '../users/feed.ts';

const Held = z.strictObject({
  version: counter.optional().meta({ description: 'the version that the client holds; absent asks for a window of the newest messages' }),
  receiptsVersion: counter
    .optional()
    .meta({ description: 'the version that the client holds of the marks; absent beside a version asks for none' }),
});

export const ConversationSync = z
  .object({
    id: id('conversation'),
    version: counter.meta({
      description:
        'hold this after applying the rows; 0 where nothing of the conversation is in this answer: name it without a version again',
    }),
    receiptsVersion: counter.meta({ description: 'hold this after applying the receipts' }),
    lastSeq: counter,
    unread: Unread,
    membership: Membership.optional().meta({
      description: "your own, as it is now: apply it after the feed's events of the same answer; absent when removed",
    }),
    conversation: SharedConversation.optional().meta({ description: 'when its own fields changed' }),
    messages: z.array(StoredMessage).meta({ description: 'every message changed since, as it is now; by version' }),
    members: z.array(Member).meta({ description: 'every membership changed since; inline up to 200 members' }),
    receipts: z.array(Receipt).meta({ description: 'marks that moved since the receiptsVersion given; above 200 members your own only' }),
    removed: z.boolean().optional().meta({ description: 'you are not, or no longer, a member' }),
    reset: z.boolean().optional().meta({ description: 'discard what you hold and replace it with this window' }),
    hasMore: z.boolean().meta({
      description:
        'ask again from the returned versions; hold back events until then: a row that changed after this page is not in it, even if it existed before',
    }),
  })
  .meta({ id: 'ConversationSync' });

export const FeedSync = z
  .object({
    version: counter.meta({ description: 'hold this after applying the events' }),
    events: z
      .array(z.object({ version: counter, ...feedFields, at: time }))
      .meta({ description: 'what user:event sent, or would have sent, to your devices; by version, without gaps' }),
    hasMore: z.boolean(),
    reset: z.boolean().optional().meta({
      description:
        'the feed does not continue from the version you hold: read friends, requests, blocks, preferences, drafts, saved messages and notifications again, and ask for a window of each conversation, since only the feed says which messages you have hidden',
    }),
  })
  .meta({ id: 'FeedSync' });

export const sync = operation({
  name: 'sync.conversations',
  summary: 'Catch up: send the versions you hold, get every row that changed since.',
  http: { method: 'POST', path: '/sync', status: 200 },
  socket: 'sync',
  access: 'user',
  input: z.strictObject({
    epoch: z.string().max(64).optional(),
    user: z
      .strictObject({ version: counter.optional() })
      .optional()
      .meta({ description: 'the userVersion that you hold of your own feed; without it the current one is answered' }),
    conversations: z
      .record(id('conversation') as unknown as z.ZodString, Held)
      .refine((named) => Object.keys(named).length <= limits.sync.conversations, { error: `names at most ${limits.sync.conversations}` })
      .default({}),
    limit: z
      .int()
      .min(1)
      .max(limits.sync.rows)
      .default(limits.sync.defaultRows)
      .meta({
        description: `messages, members and receipts over all conversations, and entries of the feed. An answer has about ${limits.sync.bytes / 1024} KiB of them at most; the first conversation gets at least one version, or a whole window`,
      }),
    headsCursor: cursor.optional(),
  }),
  output: z.object({
    epoch: z.string(),
    user: FeedSync,
    conversations: z.array(ConversationSync),
    heads: z
      .array(z.tuple([id('conversation'), counter, counter]))
      .meta({ description: '[id, version, receiptsVersion] of conversations not named' }),
    headsCursor: cursor.optional(),
  }),
  errors: ['CURSOR_INVALID'],
});
