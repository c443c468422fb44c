import type { Belonging } from '../../../tests/isolation/belongings.ts';
import { expectStatus, type Person } from '../../../tests/support/people.ts';

/** Nobody answers there: `.invalid` has no addresses. Disabled, so that nothing of it changes by itself. */
async function deliveryOf(owner: Person, word: string): Promise<Readonly<Record<'webhook' | 'webhookDelivery', string>>> {
  const input = { url: `https://hooks.invalid/${encodeURIComponent(word)}`, description: word, events: ['user.updated'] };
  const { webhook: added } = expectStatus(await owner.http.call('POST', '/api/v1/admin/webhooks', input), 201);
  const { id } = expectStatus(await owner.http.call('POST', `/api/v1/admin/webhooks/${added.id}/test`), 201);
  expectStatus(await owner.http.call('PATCH', `/api/v1/admin/webhooks/${added.id}`, { enabled: false }), 200);
  return { webhook: added.id, webhookDelivery: id };
}

const webhook: Belonging = async ({ owner }, _, word) => (await deliveryOf(owner, word)).webhook;
const webhookDelivery: Belonging = async ({ owner }, _, word) => (await deliveryOf(owner, word)).webhookDelivery;

/** @public Found by the isolation suites. */
export const belongings: Readonly<Record<string, Belonging>> = { webhook, webhookDelivery };
