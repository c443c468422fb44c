import { createKnownOfAccounts } from '@coucou/postgres/kit/known-of-accounts';
import type { SessionPool } from '@coucou/postgres/kit/session';
import type { IntegrationDirectory } from '../application/integration-repository.ts';

const TOLD = `select array_agg(distinct conversation_id::text) as told from integration
  where disabled_at is null and connector <> 'incomingWebhook'`;

/** So that only conversations with integrations cost more than a question in five seconds. */
export function createIntegrationDirectory(pool: SessionPool): IntegrationDirectory {
  const { of, forget } = createKnownOfAccounts(
    pool,
    TOLD,
    'integrations-told',
    (row): ReadonlySet<string> => new Set(row?.['told'] as string[] | null | undefined),
  );
  return { tells: async (account, conversation) => (await of(account)).has(conversation), forget };
}
