import type { Rate } from '@coucou/application/kernel/gcra';
import { TrafficRules } from '@coucou/application/ports/traffic-rules';
import type { TrafficRule } from '@coucou/application/ports/traffic-limiter';
import { z } from 'zod';
import { settingsOf } from '../feature.ts';
import { rates, ratesExpected } from '../rates.ts';

/** `20,200`: of one person, and from one address. */
const connections = z.union([
  z.literal('off').transform(() => undefined),
  z
    .string()
    .regex(/^[1-9]\d{0,6},[1-9]\d{0,6}$/)
    .transform((text) => {
      const [ofUser, ofNetwork] = text.split(',').map(Number) as [number, number];
      return { ofUser, ofNetwork };
    }),
]);

const rule = (name: string, [first, ...rest]: readonly Rate[]): TrafficRule | undefined => first && { name, rates: [first, ...rest] };

export const limitSettings = settingsOf(
  TrafficRules,
  {
    LIMIT_REST: {
      about: 'Requests to the API of one person or API key, and from one address (of IPv6 a /64) without either, per seconds.',
      expects: ratesExpected,
      fallback: '100/60',
      schema: rates,
    },
    LIMIT_SOCKET_EVENTS: {
      about: 'Events that one socket may send, per seconds.',
      expects: ratesExpected,
      fallback: '100/10',
      schema: rates,
    },
    LIMIT_USER_MESSAGES: {
      about: 'Messages of one person, on all transports together, per seconds.',
      expects: ratesExpected,
      fallback: '30/60,10/5',
      schema: rates,
    },
    LIMIT_CONVERSATION_MESSAGES: {
      about: 'Messages in one conversation, on all transports together, per seconds.',
      expects: ratesExpected,
      fallback: '600/60',
      schema: rates,
    },
    LIMIT_CONNECTIONS: {
      about: 'Sockets open at once on one node: of one person, and from one address (of IPv6 a /64).',
      expects: 'off, or two counts such as 20,200',
      fallback: '20,200',
      schema: connections,
    },
  },
  (values) => ({
    rest: rule('rest', values.LIMIT_REST),
    socketEvents: rule('socket-events', values.LIMIT_SOCKET_EVENTS),
    userMessages: rule('user-messages', values.LIMIT_USER_MESSAGES),
    conversationMessages: rule('conversation-messages', values.LIMIT_CONVERSATION_MESSAGES),
    connections: values.LIMIT_CONNECTIONS,
  }),
);
