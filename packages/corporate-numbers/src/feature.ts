import { bind } from '@coucou/application/kernel/operation';
import { feature } from '@coucou/features/feature';
import * as administration from './application/administer-corporate-numbers.ts';
import { checkCorporateNumber } from './application/check-corporate-number.ts';
import { importCorporateNumbers } from './application/import-corporate-numbers.ts';
import * as contracts from './contracts/operations.ts';
import { corporateNumberActions } from './domain/audit-actions.ts';
import { corporateNumberErrors } from './domain/corporate-number.ts';
import { presentChecked, presentImport, presentNumber, presentNumbers } from './presenters.ts';
import { corporateNumberStorage } from './storage/corporate-number-storage.ts';

/** The phone numbers of an account, which its people look up. */
export const corporateNumbersFeature = feature({
  name: 'corporateNumbers',
  operations: [
    bind(contracts.listCorporateNumbers, administration.listCorporateNumbers, presentNumbers),
    bind(contracts.getCorporateNumber, administration.getCorporateNumber, presentNumber),
    bind(contracts.createCorporateNumber, administration.createCorporateNumber, presentNumber),
    bind(contracts.updateCorporateNumber, administration.updateCorporateNumber, presentNumber),
    bind(contracts.deleteCorporateNumber, administration.deleteCorporateNumber, () => {}),
    bind(contracts.importCorporateNumbers, importCorporateNumbers, presentImport),
    bind(contracts.checkCorporateNumber, checkCorporateNumber, presentChecked),
  ],
  auditActions: [corporateNumberActions],
  errors: [corporateNumberErrors],
  storage: corporateNumberStorage,
});
