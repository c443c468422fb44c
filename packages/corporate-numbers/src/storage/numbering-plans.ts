import {
  isSupportedCountry,
  ParseError,
  type PhoneNumber,
  parsePhoneNumberWithError,
  validatePhoneNumberLength,
} from 'libphonenumber-js/min';
import type { NumberingPlans } from '../application/numbering-plans.ts';
import { CorporateNumber, corporateNumberErrors, type NumberFault } from '../domain/corporate-number.ts';
import { corporateNumberLimits } from '../domain/limits.ts';

/**
 * The plans of libphonenumber. The smallest set (`min`) has all that parsing needs, and the lengths that numbers may have. What larger ones
 * add are the ranges that are in use: regulators open new ones every month, and a number of one would be refused until the library is updated.
 */
export const numberingPlans: NumberingPlans = {
  read(written, country) {
    const parsed = parse(tidied(written), country);
    if (parsed.ext !== undefined) throw invalid('extension');
    if (!parsed.isPossible()) throw invalid(lengthFault(parsed));
    const number: string = parsed.number;
    // Some plans have longer numbers than E.164.
    if (!CorporateNumber.isE164(number)) throw invalid('too_long');
    return number;
  },
};

const invalid = (fault: NumberFault) => corporateNumberErrors.INVALID({ fault });

/** Without what comes along when a number is copied: marks of direction, the scheme of a link, a bracket before the plus; and with a plus of ASCII. */
function tidied(written: string): string {
  if (written.length > corporateNumberLimits.written) throw invalid('too_long');
  return written
    .replaceAll(/\p{Bidi_Control}/gu, '')
    .trim()
    .replace(/^tel:/i, '')
    .replace(/^[\s(]*[+＋]/, '+');
}

function parse(written: string, country: string | undefined): PhoneNumber {
  // Before the case is changed: the upper case of some letters is two others.
  if (country !== undefined && !/^[A-Za-z]{2}$/.test(country)) throw invalid('country_unknown');
  const defaultCountry = country?.toUpperCase();
  if (defaultCountry !== undefined && !isSupportedCountry(defaultCountry)) throw invalid('country_unknown');
  try {
    return parsePhoneNumberWithError(written, { ...(defaultCountry && { defaultCountry }), extract: false });
  } catch (error) {
    if (error instanceof ParseError) throw invalid(faultOf(error, written, country));
    throw error;
  }
}

function faultOf({ message }: ParseError, written: string, country: string | undefined): NumberFault {
  if (message === 'TOO_SHORT') return 'too_short';
  if (message === 'TOO_LONG') return 'too_long';
  if (message !== 'INVALID_COUNTRY') return 'not_a_number';
  // With a country it began with what is dialled before a calling code, such as 00.
  return country === undefined && !written.startsWith('+') ? 'country_missing' : 'calling_code_unknown';
}

const LENGTH_FAULTS: Readonly<Record<string, NumberFault>> = { TOO_SHORT: 'too_short', TOO_LONG: 'too_long' };

const lengthFault = ({ number }: PhoneNumber): NumberFault => LENGTH_FAULTS[validatePhoneNumberLength(number) ?? ''] ?? 'impossible_length';
