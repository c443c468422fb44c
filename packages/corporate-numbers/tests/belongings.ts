import type { Belonging } from '../../../tests/isolation/belongings.ts';
import { expectStatus } from '../../../tests/support/people.ts';

/** A number that two accounts may have: the one that the isolation suites check, since the contract names it as its example. */
const corporateNumber: Belonging = async ({ owner, friend }, _, word) => {
  const input = { number: '+49 30 123456', label: `${word} of a number`, userId: friend.id };
  return expectStatus(await owner.http.call('POST', '/api/v1/admin/corporate-numbers', input), 201).id;
};

/** @public Found by the isolation suites. */
export const belongings: Readonly<Record<string, Belonging>> = { corporateNumber };
