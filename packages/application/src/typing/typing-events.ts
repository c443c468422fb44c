import type { Audience } from '../kernel/audience.ts';
import { event } from '../kernel/event.ts';
import type { TypingSignal } from '../ports/typing.ts';

const audienceOf = ({ conversationId, to, except }: TypingSignal): Audience =>
  to === 'watchers'
    ? { kind: 'watchers', conversationIds: [conversationId], except, lossy: true }
    : { kind: 'members', conversationId, except, accessVersion: to.accessVersion };

/** A user started or stopped typing; never stored, expires at `expiresAt`. */
export const typingChanged = event<TypingSignal>()({
  type: 'typing.changed',
  tells: ['typing'],
  audience: (signal) => [{ event: 'typing', to: audienceOf(signal) }],
});
