import type { Belonging } from '../../../tests/isolation/belongings.ts';
import { expectStatus } from '../../../tests/support/people.ts';

/** Disabled, so that nothing of it changes by itself. Nobody answers there: `.invalid` has no addresses. */
const integration: Belonging = async ({ owner }, conversationId, word) => {
  const connector = { kind: 'outgoingWebhook', url: `https://hooks.invalid/${encodeURIComponent(word)}` };
  const input = { name: word, conversationId, userId: owner.id, connector };
  const { integration: added } = expectStatus(await owner.http.call('POST', '/api/v1/admin/integrations', input), 201);
  expectStatus(await owner.http.call('PATCH', `/api/v1/admin/integrations/${added.id}`, { enabled: false }), 200);
  return added.id;
};

/** @public Found by the isolation suites. */
export const belongings: Readonly<Record<string, Belonging>> = { integration };
