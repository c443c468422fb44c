import type { ConversationId, Instant, UserId } from '@coucou/domain/kernel/ids';
import { event } from '../kernel/event.ts';

/** A user started or stopped typing; never stored, expires at `expiresAt`. */
export const typingChanged = event<{
  conversationId: ConversationId;
  userId: UserId;
  isTyping: boolean;
  expiresAt: Instant;
  /** Excluded watchers: the typist, and users with a block between them. */
  except: readonly UserId[];
}>()({
  type: 'typing.changed',
  tells: ['typing'],
  audience: ({ conversationId, except }) => [{ event: 'typing', to: { kind: 'watchers', conversationId, except, lossy: true } }],
});
