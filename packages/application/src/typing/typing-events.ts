import type { Audience } from '../kernel/audience.ts';
import { event } from '../kernel/event.ts';
import type { Announced } from '../ports/event-bus.ts';
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

/** What a node announced of somebody who types; undefined for other events. */
export function typingOf({ type, tellings }: Announced): TypingSignal | undefined {
  const [telling] = tellings;
  if (type !== typingChanged.type || telling === undefined) return undefined;
  const { to } = telling;
  if (to.kind !== 'members' && to.kind !== 'watchers') return undefined;
  const { conversationId, userId, isTyping, expiresAt } = JSON.parse(telling.payload().json) as Omit<TypingSignal, 'expiresAt'> & {
    expiresAt: string;
  };
  const { except } = to;
  const audience = to.kind === 'members' ? { accessVersion: to.accessVersion } : 'watchers';
  return { conversationId, userId, isTyping, expiresAt: new Date(expiresAt), to: audience, except };
}
