import type { AccountId } from '@coucou/domain/kernel/ids';
import type { DomainEvent } from '../kernel/event.ts';
import { token } from '../kernel/token.ts';

/**
 * Announces what became true; called after the commit. It never throws and nothing waits for it: real time is a hint that arrives
 * early, `sync` is the truth.
 */
export interface LiveEvents {
  publish(account: AccountId, events: readonly DomainEvent[]): void;
}
export const LiveEvents = token<LiveEvents>('LiveEvents');
