import { bindFile } from '@coucou/application/kernel/operation';
import { exportMe } from '@coucou/application/privacy/export-data';
import { PersonalDataReader } from '@coucou/application/privacy/personal-data-reader';
import { Exports } from '@coucou/application/privacy/repositories';
import { exportMe as exportMeContract } from '@coucou/contracts/privacy/export';
import { privacyErrors } from '@coucou/domain/privacy/privacy-errors';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { createExportRepository } from '@coucou/postgres/privacy/export-repository';
import { createPersonalDataReader } from '@coucou/postgres/privacy/personal-data-reader';
import { feature } from '../feature.ts';

/** What is held of people: its export and its erasure. */
export const privacyFeature = feature({
  name: 'privacy',
  operations: [bindFile(exportMeContract, exportMe)],
  errors: [privacyErrors],
  storage: {
    repositories: [repository(Exports, createExportRepository)],
    readers: [reader(PersonalDataReader, createPersonalDataReader)],
  },
});
