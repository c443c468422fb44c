import { token } from '@coucou/application/kernel/token';

/** What numbering plans say. */
export interface TelephoneNumbers {
  /** Whether this is a number in the form of E.164, with a calling code that there is and as long as numbers under it are. */
  isPossible(number: string): boolean;
}
export const TelephoneNumbers = token<TelephoneNumbers>('TelephoneNumbers');
