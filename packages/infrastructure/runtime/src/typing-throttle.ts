import type { TypingThrottle } from '@coucou/application/ports/typing';
import { Typing } from '@coucou/domain/typing/typing';
import { LRUCache } from 'lru-cache';

/** A start right after a stop is throttled too, so that toggling makes no more events than typing. */
const PAUSE_MS = 1_000;

export function createTypingThrottle(max = 50_000): TypingThrottle {
  const told = new LRUCache<string, Readonly<{ isTyping: boolean; at: number }>>({ max });
  return {
    admit(account, conversation, user, isTyping, now) {
      const key = `${account}:${conversation}:${user}`;
      const at = now.getTime();
      const last = told.get(key);
      const since = last === undefined ? Number.POSITIVE_INFINITY : at - last.at;
      const isShown = last?.isTyping === true && since < Typing.LASTS * 1000;
      const isNews = isTyping ? (isShown ? since >= Typing.REPEATED_AFTER * 1000 : since >= PAUSE_MS) : isShown;
      if (isNews) told.set(key, { isTyping, at });
      return isNews;
    },
  };
}
