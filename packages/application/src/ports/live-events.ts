import type { AccountId } from '@coucou/domain/kernel/ids';
import type { DomainEvent } from '../kernel/event.ts';
import { token } from '../kernel/token.ts';

/**
 * Announces what became true; called after the commit. It never throws and nothing waits for it: live events are best effort and
 * early; `sync` is the source of truth.
 */
export interface LiveEvents {
  publish(account: AccountId, events: readonly DomainEvent[]): void;
}
export const LiveEvents = token<LiveEvents>('LiveEvents');
