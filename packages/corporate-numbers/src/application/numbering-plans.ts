import { token } from '@coucou/application/kernel/token';
import type { E164 } from '../domain/corporate-number.ts';

/** The numbering plans of all countries. */
export interface NumberingPlans {
  /**
   * The one form of a number as it is written. A national format is one of `country` (ISO 3166-1 alpha-2, in any case), which says nothing of
   * numbers in international form. Throws `CORPORATE_NUMBER_INVALID` with `{fault}`, a `NumberFault`.
   */
  read(written: string, country: string | undefined): E164;
}
export const NumberingPlans = token<NumberingPlans>('NumberingPlans');
