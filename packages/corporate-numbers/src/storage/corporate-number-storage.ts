import { reader, repository, type StorageParts } from '@coucou/postgres/kit/storage-parts';
import { CorporateNumbers } from '../application/corporate-number-repository.ts';
import { NumberingPlans } from '../application/numbering-plans.ts';
import { createCorporateNumberRepository } from './corporate-number-repository.ts';
import { corporateNumberSchema } from './corporate-number-schema.ts';
import { numberingPlans } from './numbering-plans.ts';

export const corporateNumberStorage: StorageParts = {
  repositories: [repository(CorporateNumbers, createCorporateNumberRepository)],
  // Reads tables as well: those that a library brings.
  readers: [reader(NumberingPlans, () => numberingPlans)],
  schema: corporateNumberSchema,
};
