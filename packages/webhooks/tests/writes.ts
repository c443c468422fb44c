import type { Stage, Writes } from '../../../tests/use-cases/idempotency/writes.ts';
import { create } from './hooks.ts';

const created = async ({ alice }: Stage) => ({ webhookId: (await create(alice, 'https://hooks.invalid/')).webhook.id });

async function tested(stage: Stage) {
  const ofOne = await created(stage);
  return { ...ofOne, deliveryId: (await stage.alice.call('admin.testWebhook', ofOne)).id };
}

/** @public Found by the suite of idempotency keys. */
export const writes: Writes = {
  'admin.updateWebhook': async (stage) => ({ by: stage.alice, input: { ...(await created(stage)), ordered: true } }),
  'admin.deleteWebhook': async (stage) => ({ by: stage.alice, input: await created(stage) }),
  'admin.testWebhook': async (stage) => ({ by: stage.alice, input: await created(stage) }),
  'admin.replayWebhookDelivery': async (stage) => ({ by: stage.alice, input: await tested(stage) }),
  'admin.replayWebhookDeliveries': async (stage) => ({ by: stage.alice, input: { ...(await created(stage)), deliveries: 'all' } }),
};
