import type { Stage, Writes } from '../../../tests/use-cases/idempotency/writes.ts';
import { groupOf, outgoing } from './integrations.ts';

const created = async ({ alice, bob }: Stage) => {
  const { id: conversationId } = await groupOf(alice, [bob]);
  return { integrationId: (await outgoing(alice, conversationId, 'https://hooks.invalid/')).integration.id };
};

/** @public Found by the suite of idempotency keys. */
export const writes: Writes = {
  'admin.updateIntegration': async (stage) => ({ by: stage.alice, input: { ...(await created(stage)), name: 'Another' } }),
  'admin.deleteIntegration': async (stage) => ({ by: stage.alice, input: await created(stage) }),
};
