import { wired } from '@coucou/application/kernel/event';
import { typingChanged } from '@coucou/application/typing/typing-events';
import { typing } from '@coucou/contracts/typing/typing';

export const typingEvents = [
  wired(
    typingChanged,
    { typing },
    {
      typing: ({ conversationId, userId, isTyping, expiresAt }, { at }) => ({
        at,
        conversationId,
        userId,
        isTyping,
        expiresAt: expiresAt.toISOString(),
      }),
    },
  ),
];
