import type { Belonging } from '../../../tests/isolation/belongings.ts';
import { expectStatus } from '../../../tests/support/people.ts';

/**
 * A message that somebody saved, for the suites that ask about what is not theirs. It is named by the id of the message: the suites name
 * another one by that kind, and must find nothing of this one in any answer.
 */
const message: Belonging = async ({ owner, friend }, conversationId, word) => {
  const sent = await friend.http.call('POST', `/api/v1/conversations/${conversationId}/messages`, { content: `${word} to keep` });
  const { id } = expectStatus(sent, 201);
  const saved = { note: `${word} of a note`, remindAt: new Date(Date.now() + 86_400_000).toISOString() };
  for (const { http } of [owner, friend]) expectStatus(await http.call('PUT', `/api/v1/messages/${id}/saved`, saved), 200);
  return id;
};

/** @public Found by the isolation suites. */
export const belongings: Readonly<Record<string, Belonging>> = { message };
