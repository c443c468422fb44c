import type { AccountLimits } from '@coucou/domain/accounts/account-limits';
import type { Rate } from '@coucou/domain/kernel/rate';
import type { TrafficRule } from '../ports/traffic-limiter.ts';
import type { TrafficRules } from '../ports/traffic-rules.ts';

/** Undefined without rates: no limit. */
export const trafficRule = (name: string, [first, ...rest]: readonly Rate[]): TrafficRule | undefined =>
  first && { name, rates: [first, ...rest] };

/** What holds in an account that was granted these limits. */
export function rulesOfAccount(server: TrafficRules, own: AccountLimits): TrafficRules {
  const rule = (name: string, rates: readonly Rate[] | undefined, other: TrafficRule | undefined) =>
    rates === undefined ? other : trafficRule(name, rates);
  return {
    ...server,
    rest: rule('rest', own.rest, server.rest),
    socketEvents: rule('socket-events', own.socketEvents, server.socketEvents),
    userMessages: rule('user-messages', own.userMessages, server.userMessages),
    conversationMessages: rule('conversation-messages', own.conversationMessages, server.conversationMessages),
    connections:
      own.connections === undefined
        ? server.connections
        : { ofNetwork: server.connections?.ofNetwork ?? Infinity, ofUser: own.connections },
  };
}

/** The same as limits: what is in force. */
export const limitsOfRules = (rules: TrafficRules): AccountLimits => ({
  rest: rules.rest?.rates ?? [],
  socketEvents: rules.socketEvents?.rates ?? [],
  userMessages: rules.userMessages?.rates ?? [],
  conversationMessages: rules.conversationMessages?.rates ?? [],
  connections: rules.connections?.ofUser,
});
