import { ChatError } from '@coucou/domain/kernel/errors';
import fc from 'fast-check';
import { type CountryCode, getCountries, getExampleNumber } from 'libphonenumber-js/min';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, it } from 'vitest';
import { CorporateNumber, numberFaults } from '../src/domain/corporate-number.ts';
import { numberingPlans } from '../src/storage/numbering-plans.ts';

const read = (written: string, country?: string): string => numberingPlans.read(written, country);

/** The number, or what is wrong with it; an error of another kind fails the test. */
function outcomeOf(written: string, country?: string): Readonly<{ number: string } | { fault: unknown }> {
  try {
    return { number: read(written, country) };
  } catch (error) {
    if (error instanceof ChatError && error.code === 'CORPORATE_NUMBER_INVALID' && 'fault' in error.details)
      return { fault: error.details['fault'] };
    throw error;
  }
}

const countries = getCountries();
const exampleOf = (country: CountryCode) => getExampleNumber(country, examples) ?? expect.unreachable(country);
/** What people write between digits. */
const separators = ['', '', ' ', '-', '.', '/', '\u00a0', '\u2011'];

describe('numbers of every country', () => {
  it('are all that there are', () => {
    expect(countries.length).toBeGreaterThan(240);
  });

  it.each(countries)('%s: each way to write one is read as the same', (country) => {
    const example = exampleOf(country);
    const { number } = example;
    for (const international of [number, example.formatInternational(), example.getURI()])
      for (const named of [undefined, country, country === 'DE' ? 'FR' : 'DE'])
        expect([international, read(international, named)]).toEqual([international, number]);
    for (const national of [example.formatNational(), example.nationalNumber]) {
      expect([national, read(national, country), read(national, country.toLowerCase())]).toEqual([national, number, number]);
      expect([national, outcomeOf(national)]).toEqual([national, { fault: 'country_missing' }]);
    }
  });

  it('are read whatever stands between their digits', () => {
    const written = fc.tuple(fc.constantFrom(...countries), fc.infiniteStream(fc.constantFrom(...separators))).map(([country, between]) => {
      const { number } = exampleOf(country);
      return { number, text: `+${Array.from(number.slice(1), (digit) => `${digit}${String(between.next().value)}`).join('')}` };
    });
    const isRead = fc.property(written, ({ number, text }) => {
      expect(read(text)).toBe(number);
    });
    fc.assert(isRead);
  });
});

describe('a number', () => {
  it.each<[string, string, string | undefined]>([
    ['with a trunk prefix in brackets', '+49 (0)30 123456', undefined],
    ['with brackets around the calling code', '(+49) 30 123456', undefined],
    ['behind the prefix of calls abroad', '0049 30 123456', 'DE'],
    ['behind that of another country', '011 49 30 123456', 'US'],
    ['with its calling code and no plus', '4930123456', 'DE'],
    ['of another country than the one named', '+49 30 123456', 'FR'],
    ['in fullwidth digits', '＋４９ ３０ １２３４５６', undefined],
    ['in Arabic digits', '+٤٩ ٣٠ ١٢٣٤٥٦', undefined],
    ['between marks of direction, as address books copy it', '\u202a+49 30 123456\u202c', undefined],
    ['with white space around it', ' \t030 123456\u00a0\n', 'DE'],
    ['with a zero-width space in it', '+49\u200b30123456', undefined],
    ['as a link', 'tel:+49-30-123456', undefined],
    ['as a link with a context', 'tel:30123456;phone-context=+49', undefined],
  ])('%s is read', (_, written, country) => {
    expect(read(written, country)).toBe('+4930123456');
  });

  it.each<[string, string, string | undefined, string]>([
    ['in a national format without a country', '030 123456', undefined, 'country_missing'],
    ['whose plus was lost in a URL', ' 49 30 123456', undefined, 'country_missing'],
    ['of a country that is none', '030 123456', 'XX', 'country_unknown'],
    ['of a country by its name', '030 123456', 'Germany', 'country_unknown'],
    ['of a country whose upper case is another', '030 123456', 'ß', 'country_unknown'],
    ['of a country by a name of JavaScript', '030 123456', '__proto__', 'country_unknown'],
    ['with an empty country', '030 123456', '', 'country_unknown'],
    ['with a calling code that is none', '+999 30 123456', undefined, 'calling_code_unknown'],
    ['with one behind the prefix of calls abroad', '00999 30 123456', 'DE', 'calling_code_unknown'],
    ['of one digit', '1', 'DE', 'too_short'],
    ['of a calling code alone', '+49', undefined, 'too_short'],
    ['of the police', '110', 'DE', 'too_short'],
    ['with a digit too few', '+1 201 555 012', undefined, 'too_short'],
    ['with a digit too many', '+1 201 555 01234', undefined, 'too_long'],
    ['longer than E.164', '+49 30 1234567890123', undefined, 'too_long'],
    ['of a hundred thousand digits', `+49${'1'.repeat(100_000)}`, undefined, 'too_long'],
    ['with an extension', '+49 30 123456 ext. 12', undefined, 'extension'],
    ['with one behind a number sign', '+49 30 123456#12', undefined, 'extension'],
    ['with one in a link', 'tel:+4930123456;ext=12', undefined, 'extension'],
    ['in letters', '1-800-FLOWERS', 'US', 'not_a_number'],
    ['beside another', '030 123456 and 030 654321', 'DE', 'not_a_number'],
    ['with two pluses', '++49 30 123456', undefined, 'not_a_number'],
    ['with NUL in it', '+49 30\u0000123456', undefined, 'not_a_number'],
    ['with half a surrogate pair in it', '+49 30\ud800123456', undefined, 'not_a_number'],
    ['in digits that no telephone network writes', '+४९ ३० १२३४५६', undefined, 'not_a_number'],
    ['of nothing', '', undefined, 'not_a_number'],
    ['of nothing but space', ' \u00a0', 'DE', 'not_a_number'],
  ])('%s is none: %s', (_, written, country, fault) => {
    expect(outcomeOf(written, country)).toEqual({ fault });
  });

  it('is E.164 or refused by a fault, whatever the text and the country', () => {
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 120 }), fc.stringMatching(/^[+＋]?[\d ().;=x#-]{0,30}$/));
    const country = fc.option(fc.oneof(fc.constantFrom(...countries), fc.string({ maxLength: 3 })), { nil: undefined });
    const isEither = fc.property(text, country, (written, named) => {
      const outcome = outcomeOf(written, named);
      const isRight = 'number' in outcome ? CorporateNumber.isE164(outcome.number) : numberFaults.some((fault) => fault === outcome.fault);
      expect(isRight).toBe(true);
      // What is read once is read as the same again.
      expect(outcomeOf('number' in outcome ? outcome.number : written, named)).toEqual(outcome);
    });
    fc.assert(isEither, { numRuns: 300 });
  });
});
