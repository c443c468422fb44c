import type { Belonging } from '../../../tests/isolation/belongings.ts';
import { expectStatus } from '../../../tests/support/people.ts';

/** A poll that somebody voted in, for the suites that ask about what is not theirs. */
const poll: Belonging = async ({ owner, friend }, conversationId, word) => {
  const input = { question: `${word} of a poll`, options: [`${word} one`, `${word} two`] };
  const { id } = expectStatus(await owner.http.call('POST', `/api/v1/conversations/${conversationId}/polls`, input), 201);
  expectStatus(await friend.http.call('PUT', `/api/v1/polls/${id}/vote`, { optionIds: ['1'] }), 200);
  return id;
};

/** @public Found by the isolation suites. */
export const belongings: Readonly<Record<string, Belonging>> = { poll };
