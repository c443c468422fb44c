import { bind } from '@coucou/application/kernel/operation';
import { TypingContexts } from '@coucou/application/ports/typing';
import { setTyping } from '@coucou/application/typing/set-typing';
import { setTyping as typingContract } from '@coucou/contracts/typing/typing';
import { reader } from '@coucou/postgres/kit/storage-parts';
import { createTypingContexts } from '@coucou/postgres/typing/typing-contexts';
import { feature } from '../feature.ts';
import { typingEvents } from './events.ts';

const nothing = () => {};

export const typingFeature = feature({
  name: 'typing',
  operations: [bind(typingContract, setTyping, nothing)],
  events: typingEvents,
  storage: {
    readers: [reader(TypingContexts, (pool) => createTypingContexts(pool))],
  },
});
