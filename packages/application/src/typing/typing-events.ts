import type { ConversationId, Instant, UserId } from '@coucou/domain/kernel/ids';
import { event } from '../kernel/event.ts';

/** Somebody types, or stopped; it is stored nowhere and ends by itself at `expiresAt`. */
export const typingChanged = event<{
  conversationId: ConversationId;
  userId: UserId;
  isTyping: boolean;
  expiresAt: Instant;
  /** Who is not told: the typist, and those with a block between them. */
  except: readonly UserId[];
}>()({
  type: 'typing.changed',
  tells: ['typing'],
  audience: ({ conversationId, except }) => [{ event: 'typing', to: { kind: 'watchers', conversationId, except, lossy: true } }],
});
