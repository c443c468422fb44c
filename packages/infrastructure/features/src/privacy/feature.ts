import { bind, bindFile } from '@coucou/application/kernel/operation';
import * as administer from '@coucou/application/privacy/administer-privacy';
import { deleteMe } from '@coucou/application/privacy/delete-me';
import { wired } from '@coucou/application/kernel/event';
import { eraseDeleted, orderErasures } from '@coucou/application/privacy/erase';
import { erasureDue } from '@coucou/application/privacy/erasure-due';
import { exportMe } from '@coucou/application/privacy/export-data';
import { PersonalDataReader } from '@coucou/application/privacy/personal-data-reader';
import { Erasures, Exports, PersonalRows, Persons } from '@coucou/application/privacy/repositories';
import * as admin from '@coucou/contracts/privacy/admin';
import { deleteMe as deleteMeContract } from '@coucou/contracts/privacy/delete';
import { exportMe as exportMeContract } from '@coucou/contracts/privacy/export';
import { privacyActions } from '@coucou/domain/privacy/audit-actions';
import { privacyErrors } from '@coucou/domain/privacy/privacy-errors';
import { reader, repository } from '@coucou/postgres/kit/storage-parts';
import { createErasureRepository } from '@coucou/postgres/privacy/erasure-repository';
import { createExportRepository } from '@coucou/postgres/privacy/export-repository';
import { createPersonRepository } from '@coucou/postgres/privacy/person-repository';
import { createPersonalDataReader } from '@coucou/postgres/privacy/personal-data-reader';
import { createPersonalRowRepository } from '@coucou/postgres/privacy/personal-row-repository';
import { feature } from '../feature.ts';
import { presentErasure } from './presenters.ts';

/** What is held of people: its export and its erasure. */
export const privacyFeature = feature({
  name: 'privacy',
  operations: [
    bindFile(exportMeContract, exportMe),
    bind(deleteMeContract, deleteMe, presentErasure),
    bindFile(admin.exportUser, administer.exportUser),
    bind(admin.deleteUser, administer.deleteUser, presentErasure),
    bind(admin.getErasure, administer.getErasure, presentErasure),
  ],
  auditActions: [privacyActions],
  errors: [privacyErrors],
  events: [wired(erasureDue, {}, {})],
  subscribers: [eraseDeleted],
  jobs: [orderErasures],
  storage: {
    repositories: [
      repository(Exports, createExportRepository),
      repository(Erasures, createErasureRepository),
      repository(Persons, createPersonRepository),
      repository(PersonalRows, createPersonalRowRepository),
    ],
    readers: [reader(PersonalDataReader, createPersonalDataReader)],
  },
});
