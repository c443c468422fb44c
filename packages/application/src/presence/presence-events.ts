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
  audience: ({ to, conversationIds, across }) => {
    // Acquaintances are left out of the watchers, so that nobody gets the event twice; one's own devices get a longer payload.
    const watchers: Audience = { kind: 'watchers', conversationIds, except: [...to, ...across], lossy: true };
    return [...devices(...to), watchers].map((each) => ({ event: 'presence:changed', to: each }));
  },
});
