import type { ConversationId, UserId } from '@coucou/domain/kernel/ids';
import type { Presence } from '@coucou/domain/presence/presence';
import { type Audience, devices, type SharedPresence } from '../kernel/audience.ts';
import { event } from '../kernel/event.ts';

export const presenceChanged = event<{
  presence: Presence;
  to: readonly UserId[];
  conversationIds: readonly ConversationId[];
  across: readonly UserId[];
  /** Absent: not told to other nodes' registries. */
  shared?: SharedPresence | undefined;
}>()({
  type: 'presence.changed',
  tells: ['presence:changed'],
  audience: ({ to, conversationIds, across, shared }) => {
    // Acquaintances are left out of the watchers, so that nobody gets the event twice; one's own devices get a longer payload.
    const watchers: Audience = { kind: 'watchers', conversationIds, except: [...to, ...across], lossy: true };
    const nodes: Audience[] = shared === undefined ? [] : [{ kind: 'presence', change: shared }];
    return [...nodes, ...devices(...to), watchers].map((each) => ({ event: 'presence:changed', to: each }));
  },
});
