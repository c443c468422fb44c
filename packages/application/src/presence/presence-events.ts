import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { Presence } from '@coucou/domain/presence/presence';
import { type Audience, devices } from '../kernel/audience.ts';
import { event } from '../kernel/event.ts';

export const presenceChanged = event<{
  presence: Presence;
  to: readonly UserId[];
  conversationIds: readonly ConversationId[];
  across: readonly UserId[];
}>()({
  type: 'presence.changed',
  tells: ['presence:changed'],
  audience: ({ to, conversationIds, across }) =>
    [
      ...devices(...to),
      ...conversationIds.map((conversationId): Audience => ({ kind: 'watchers', conversationId, except: across, lossy: true })),
    ].map((each) => ({ event: 'presence:changed', to: each })),
});
