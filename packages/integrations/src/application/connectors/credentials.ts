import type { IntegrationSecrets } from '@coucou/application/ports/integration-secrets';
import type { Integration } from '../../domain/integration.ts';

/** What was given with an integration. An integration of a kind that needs credentials is stored with them. */
export function openCredentials(secrets: IntegrationSecrets, integration: Integration): unknown {
  const { accountId: account, id: integrationId, sealedCredentials } = integration;
  if (sealedCredentials === undefined) throw new Error('an integration has lost its credentials');
  return secrets.open({ account, integrationId }, sealedCredentials);
}
