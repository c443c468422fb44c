import type { Stage, Writes } from '../../../tests/use-cases/idempotency/writes.ts';
import { create, handle } from './groups.ts';

const created = async ({ alice, bob }: Stage) => ({ userGroupId: (await create(alice, [bob.id])).id });

/** @public Found by the suite of idempotency keys. */
export const writes: Writes = {
  'admin.createUserGroup': async ({ alice, bob }) => ({ by: alice, input: { handle: handle(), name: 'Support', memberIds: [bob.id] } }),
  'admin.updateUserGroup': async (stage) => ({ by: stage.alice, input: { ...(await created(stage)), name: 'Sales' } }),
  'admin.deleteUserGroup': async (stage) => ({ by: stage.alice, input: await created(stage) }),
};
