import { BlockRules } from '@coucou/domain/blocks/block-rules';
import { conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { addSeconds } from '@coucou/domain/kernel/time';
import { Typing } from '@coucou/domain/typing/typing';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { LiveEvents } from '../ports/live-events.ts';
import { TypingContexts, type TypingSignal, TypingThrottle } from '../ports/typing.ts';
import { typingChanged } from './typing-events.ts';

export type SetTyping = Readonly<{ conversationId: ConversationId; isTyping: boolean }>;

/** Fire and forget: nothing is stored. */
export const setTyping = useCase({
  name: 'typing.set',
  deps: { contexts: TypingContexts, throttle: TypingThrottle, live: LiveEvents, clock: Clock },
  async run({ contexts, throttle, live, clock }, { conversationId, isTyping }: SetTyping, { account, actor }) {
    const { userId } = actor;
    const context = await contexts.get(account, conversationId, userId);
    if (context === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
    const now = clock.now();
    const { snapshot, memberCount, blockedWith } = context;
    if (!Typing.isShown(snapshot, now)) return;
    const signal: TypingSignal = {
      conversationId,
      userId,
      isTyping,
      expiresAt: isTyping ? addSeconds(now, Typing.LASTS) : now,
      to: Typing.isForAll(memberCount) ? { accessVersion: snapshot.accessVersion } : 'watchers',
      except: [userId, ...BlockRules.hiddenFrom('typing', blockedWith)],
    };
    if (throttle.admit(account, signal, now)) live.publish(account, [typingChanged(signal)]);
  },
});
