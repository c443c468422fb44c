import { reader, repository, type StorageParts } from '@coucou/postgres/kit/storage-parts';
import { IntegrationDirectory, Integrations } from '../application/integration-repository.ts';
import { TelephoneNumbers } from '../application/telephone-numbers.ts';
import { createIntegrationDirectory } from './integration-directory.ts';
import { createIntegrationRepository } from './integration-repository.ts';
import { integrationSchema } from './integration-schema.ts';
import { telephoneNumbers } from './telephone-numbers.ts';

export const integrationStorage: StorageParts = {
  repositories: [repository(Integrations, createIntegrationRepository)],
  // Reads tables as well: those that a library brings.
  readers: [reader(IntegrationDirectory, createIntegrationDirectory), reader(TelephoneNumbers, () => telephoneNumbers)],
  schema: integrationSchema,
};
