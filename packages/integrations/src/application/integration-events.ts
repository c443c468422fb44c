import { event, holdIds } from '@coucou/application/kernel/event';
import type { ConversationId, Instant, MessageId } from '@coucou/domain/kernel/ids';
import type { IntegrationId } from '../domain/integration.ts';

type Due = Readonly<{
  integrationId: IntegrationId;
  conversationId: ConversationId;
  messageId: MessageId;
  /** Attempts before. */
  attempts: number;
  /** When it was first due. */
  since: Instant;
  /** Not before; absent: at once. */
  at?: Instant | undefined;
}>;

/** A message is to be told to an integration. One order of the two waits at a time. */
export const integrationDue = event<Due>()({
  type: 'integrations.due',
  tells: [],
  audience: () => [],
  fact: ({ integrationId, conversationId, messageId, attempts, since }) => ({
    integrationId,
    conversationId,
    messageId,
    attempts,
    since: since.toISOString(),
  }),
  reads: (fact) =>
    holdIds(fact, 'integrationId', 'conversationId', 'messageId') &&
    Number.isInteger(fact['attempts']) &&
    typeof fact['since'] === 'string' &&
    !Number.isNaN(Date.parse(fact['since'])),
  dueAt: ({ at }) => at,
  dedupKey: ({ integrationId, messageId }) => `${integrationId}:${messageId}`,
});
