import { trafficRule } from '@coucou/application/kernel/rules-of-account';
import { TrafficRules } from '@coucou/application/ports/traffic-rules';
import { z } from 'zod';
import { settingsOf } from '../feature.ts';
import { rates, ratesExpected } from '../rates.ts';

/** `20,200`: two counts. */
const pair = <First extends string, Second extends string>(first: First, second: Second) =>
  z.union([
    z.literal('off').transform(() => undefined),
    z
      .string()
      .regex(/^[1-9]\d{0,6},[1-9]\d{0,6}$/)
      .transform((text) => {
        const [one, other] = text.split(',').map(Number);
        return { [first]: one, [second]: other } as Readonly<Record<First | Second, number>>;
      }),
  ]);

export const limitSettings = settingsOf(
  TrafficRules,
  {
    LIMIT_REST: {
      about: 'Requests to the API of one person or API key, and from one address (of IPv6 a /64) without either, per seconds.',
      expects: ratesExpected,
      fallback: '100/60',
      schema: rates,
    },
    LIMIT_FILES: {
      about: 'Files by signed URL to one address (of IPv6 a /64), per seconds; a page may show 50 thumbnails at once.',
      expects: ratesExpected,
      fallback: '3000/60',
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
      schema: pair('ofUser', 'ofNetwork'),
    },
    LIMIT_HANDSHAKES: {
      about: 'Handshakes of sockets from one address (of IPv6 a /64) to one node, per seconds.',
      expects: ratesExpected,
      fallback: '600/60',
      schema: rates,
    },
    LIMIT_UNAUTHENTICATED: {
      about: 'Connections to one node that nobody has signed in to yet: of everybody, and from one address (of IPv6 a /64).',
      expects: 'off, or two counts such as 2000,100',
      fallback: '2000,100',
      schema: pair('ofNode', 'ofNetwork'),
    },
  },
  (values) => ({
    files: trafficRule('files', values.LIMIT_FILES),
    rest: trafficRule('rest', values.LIMIT_REST),
    socketEvents: trafficRule('socket-events', values.LIMIT_SOCKET_EVENTS),
    userMessages: trafficRule('user-messages', values.LIMIT_USER_MESSAGES),
    conversationMessages: trafficRule('conversation-messages', values.LIMIT_CONVERSATION_MESSAGES),
    connections: values.LIMIT_CONNECTIONS,
    handshakes: trafficRule('handshakes', values.LIMIT_HANDSHAKES),
    unauthenticated: values.LIMIT_UNAUTHENTICATED,
  }),
);
