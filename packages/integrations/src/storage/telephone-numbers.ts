import { isPossiblePhoneNumber } from 'libphonenumber-js/min';
import type { TelephoneNumbers } from '../application/telephone-numbers.ts';

/** A possible number and not a known one: ranges are opened every month. */
export const telephoneNumbers: TelephoneNumbers = {
  isPossible: (number) => /^\+[1-9]\d{1,14}$/.test(number) && isPossiblePhoneNumber(number),
};
