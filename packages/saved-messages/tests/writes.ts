import { openGroup, send } from '../../../tests/use-cases/calls.ts';
import type { Stage, Writes } from '../../../tests/use-cases/idempotency/writes.ts';
import { inHours, save } from './saved.ts';

const message = async ({ alice, bob }: Stage) => send(alice, await openGroup(alice, [bob]), 'worth keeping');

/** @public Found by the suite of idempotency keys. */
export const writes: Writes = {
  'savedMessages.put': async (stage) => ({
    by: stage.bob,
    input: { messageId: (await message(stage)).id, note: 'read', remindAt: inHours(1) },
  }),
  'savedMessages.delete': async (stage) => {
    const { id } = await message(stage);
    await save(stage.bob, { id }, { remindAt: inHours(1) });
    return { by: stage.bob, input: { messageId: id } };
  },
};
