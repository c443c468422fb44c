import type { ErasureRepository, PersonalRowRepository, PersonRepository } from '@coucou/domain/privacy/erasure-repository';
import type { ExportRepository } from '@coucou/domain/privacy/export-repository';
import { token } from '../kernel/token.ts';

export const Exports = token<ExportRepository>('Exports');
export const Erasures = token<ErasureRepository>('Erasures');
export const Persons = token<PersonRepository>('Persons');
export const PersonalRows = token<PersonalRowRepository>('PersonalRows');
