import { reader, repository, type StorageParts } from '@coucou/postgres/kit/storage-parts';
import { Billing, PlanSnapshots, Usage } from '../application/billing-ports.ts';
import { createBillingRepository } from './billing-repository.ts';
import { billingSchema } from './billing-schema.ts';
import { createPlanSnapshots } from './plan-snapshots.ts';
import { createUsageRepository } from './usage-repository.ts';

export const billingStorage: StorageParts = {
  repositories: [repository(Billing, createBillingRepository), repository(Usage, createUsageRepository)],
  readers: [reader(PlanSnapshots, createPlanSnapshots)],
  schema: billingSchema,
};
