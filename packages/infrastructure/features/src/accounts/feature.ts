import * as apiKeys from '@coucou/application/auth/api-keys';
import { listSecurityEvents } from '@coucou/application/auth/list-security-events';
import { ApiKeys } from '@coucou/application/auth/repositories';
import { SecurityEventReader } from '@coucou/application/auth/security-event-reader';
import { bind } from '@coucou/application/kernel/operation';
import * as apiKeyContracts from '@coucou/contracts/accounts/api-keys';
import { listSecurityEvents as listSecurityEventsContract } from '@coucou/contracts/accounts/security-events';
import { apiKeyErrors } from '@coucou/domain/auth/api-key';
import { createApiKeyRepository } from '@coucou/postgres/auth/api-key-repository';
import { createSecurityEventReader } from '@coucou/postgres/auth/security-event-reader';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { presentPage } from '../conversations/presenters.ts';
import { feature } from '../feature.ts';
import { presentApiKeys, presentIssuedApiKey } from './api-key-presenters.ts';
import { presentSecurityEvent } from './presenters.ts';

/** What owners and admins do in their account, and its servers by API key. */
export const accountsFeature = feature({
  name: 'accounts',
  operations: [
    bind(apiKeyContracts.createApiKey, apiKeys.createApiKey, presentIssuedApiKey),
    bind(apiKeyContracts.listApiKeys, apiKeys.listApiKeys, presentApiKeys),
    bind(apiKeyContracts.rotateApiKey, apiKeys.rotateApiKey, presentIssuedApiKey),
    bind(apiKeyContracts.revokeApiKey, apiKeys.revokeApiKey, () => {}),
    bind(listSecurityEventsContract, listSecurityEvents, presentPage(presentSecurityEvent)),
  ],
  errors: [apiKeyErrors],
  storage: {
    repositories: [repository(ApiKeys, createApiKeyRepository)],
    readers: [reader(SecurityEventReader, createSecurityEventReader)],
  },
});
