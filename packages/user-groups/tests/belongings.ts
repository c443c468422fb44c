import type { Belonging } from '../../../tests/isolation/belongings.ts';
import { expectStatus } from '../../../tests/support/people.ts';

const userGroup: Belonging = async ({ owner, friend }, _, word) => {
  const input = { handle: 'support', name: `${word} of a group`, memberIds: [friend.id] };
  return expectStatus(await owner.http.call('POST', '/api/v1/admin/user-groups', input), 201).id;
};

/** @public Found by the isolation suites. */
export const belongings: Readonly<Record<string, Belonging>> = { userGroup };
