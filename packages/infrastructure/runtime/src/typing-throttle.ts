import type { Clock } from '@coucou/application/ports/clock';
import type { EventBus } from '@coucou/application/ports/event-bus';
import type { TypingSignal, TypingThrottle } from '@coucou/application/ports/typing';
import { typingOf } from '@coucou/application/typing/typing-events';
import type { AccountId, ConversationId, UserId } from '@coucou/domain/kernel/ids';
import { Typing } from '@coucou/domain/typing/typing';
import { LRUCache } from 'lru-cache';

/** A start right after a stop is throttled too, so that toggling makes no more events than typing. */
const PAUSE_MS = 1_000;

const keyOf = (account: AccountId, conversation: ConversationId, user: UserId): string => `${account}:${conversation}:${user}`;

export type TypingThrottleOptions = Readonly<{
  /** Other nodes: who types at them ends it also by what they do at this one. Absent where there is one node. */
  nodes?: Readonly<{ others: Pick<EventBus, 'subscribe'>; clock: Clock }>;
  max?: number;
}>;

export function createTypingThrottle({ nodes, max = 50_000 }: TypingThrottleOptions = {}): TypingThrottle {
  // Bounded by size: an LRU cache bounded by number allocates arrays of that length at once, which takes 20 ms for 50,000.
  const told = new LRUCache<string, Readonly<{ signal: TypingSignal; at: number }>>({ maxSize: max, sizeCalculation: () => 1 });
  nodes?.others.subscribe((announced) => {
    for (const each of announced) {
      const signal = typingOf(each);
      if (signal === undefined) continue;
      const key = keyOf(each.account, signal.conversationId, signal.userId);
      if (signal.isTyping) told.set(key, { signal, at: nodes.clock.now().getTime() });
      else told.delete(key);
    }
  });

  return {
    admit(account, signal, now) {
      const key = keyOf(account, signal.conversationId, signal.userId);
      const at = now.getTime();
      const last = told.get(key);
      const since = last === undefined ? Number.POSITIVE_INFINITY : at - last.at;
      const isShown = last?.signal.isTyping === true && since < Typing.LASTS * 1000;
      const isNews = signal.isTyping ? (isShown ? since >= Typing.REPEATED_AFTER * 1000 : since >= PAUSE_MS) : isShown;
      if (isNews) told.set(key, { signal, at });
      return isNews;
    },

    end(account, conversation, user, now) {
      // On the path of every message: nobody types, nothing is looked up.
      if (told.size === 0) return undefined;
      const key = keyOf(account, conversation, user);
      const last = told.get(key);
      if (last === undefined) return undefined;
      told.delete(key);
      const isShown = last.signal.isTyping && now.getTime() - last.at < Typing.LASTS * 1000;
      return isShown ? last.signal : undefined;
    },
  };
}
