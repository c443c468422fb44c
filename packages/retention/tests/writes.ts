import { openGroup } from '../../../tests/use-cases/calls.ts';
import type { Stage, Writes } from '../../../tests/use-cases/idempotency/writes.ts';
import { fill, keep, trim } from './retention.ts';

const group = async ({ alice, bob }: Stage) => ({ conversationId: (await openGroup(alice, [bob])).id });
/** Nothing is that old: other tests of the account keep what they have. */
const policy = { maxAgeDays: 36_500, archive: true };

async function archive({ app, alice }: Stage) {
  const { id } = await openGroup(alice);
  await fill(alice, { id }, 2);
  await keep(alice, { id }, { maxMessages: 1, archive: true });
  await trim(app);
  return { archiveId: (await alice.call('admin.listArchives', { conversationId: id })).items[0].id };
}

/** @public Found by the suite of idempotency keys. */
export const writes: Writes = {
  'admin.putRetention': async ({ alice }) => ({ by: alice, input: policy }),
  'admin.deleteRetention': async ({ alice }) => {
    await alice.call('admin.putRetention', policy);
    return { by: alice };
  },
  'admin.putConversationRetention': async (stage) => ({ by: stage.alice, input: { ...(await group(stage)), ...policy } }),
  'admin.deleteConversationRetention': async (stage) => {
    const input = await group(stage);
    await stage.alice.call('admin.putConversationRetention', { ...input, ...policy });
    return { by: stage.alice, input };
  },
  'admin.holdAccount': async ({ alice }) => ({ by: alice, input: { reason: `case ${alice.id}` } }),
  'admin.releaseAccount': async ({ alice }) => {
    await alice.call('admin.holdAccount', { reason: 'a case' });
    return { by: alice };
  },
  'admin.holdConversation': async (stage) => ({ by: stage.alice, input: { ...(await group(stage)), reason: 'a case' } }),
  'admin.releaseConversation': async (stage) => {
    const input = await group(stage);
    await stage.alice.call('admin.holdConversation', { ...input, reason: 'a case' });
    return { by: stage.alice, input };
  },
  'admin.deleteArchive': async (stage) => ({ by: stage.alice, input: await archive(stage) }),
};
