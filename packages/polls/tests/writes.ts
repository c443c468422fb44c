import { openGroup } from '../../../tests/use-cases/calls.ts';
import type { Stage, Writes } from '../../../tests/use-cases/idempotency/writes.ts';
import { createPoll } from './polls.ts';

const inGroup = async ({ alice, bob }: Stage) => ({ conversationId: (await openGroup(alice, [bob])).id });
const poll = async ({ alice, bob }: Stage) => ({ pollId: (await createPoll(alice, await openGroup(alice, [bob]))).id });

/** @public Found by the suite of idempotency keys. */
export const writes: Writes = {
  'polls.create': async (stage) => ({
    by: stage.alice,
    input: { ...(await inGroup(stage)), question: 'Where?', options: ['here', 'there'] },
  }),
  'polls.vote': async (stage) => ({ by: stage.bob, input: { ...(await poll(stage)), optionIds: ['1'] } }),
  'polls.close': async (stage) => ({ by: stage.alice, input: await poll(stage) }),
};
