import { openGroup, send } from '../calls.ts';
import type { Stage, Writes } from '../idempotency/writes.ts';

/** A report by bob about a message of a third person: whoever administers may decide it. */
async function report({ app, alice, bob }: Stage): Promise<{ reportId: string }> {
  const dan = await app.person('dan', alice.account);
  const message = await send(dan, await openGroup(dan, [bob]), 'rude');
  return { reportId: (await bob.call('reports.create', { messageId: message.id, reason: 'insults' })).id };
}
const terms = { kind: 'links', threshold: 3, allowedHosts: ['example.com'], action: 'report', enabled: false };
const rule = async ({ alice }: Stage): Promise<{ ruleId: string }> => ({
  ruleId: (await alice.call('admin.createModerationRule', terms)).id,
});

/** @public Found by the suite of idempotency keys. */
export const writes: Writes = {
  'admin.assignReport': async (stage) => ({ by: stage.alice, input: { ...(await report(stage)), assigneeId: stage.alice.id } }),
  'admin.decideReport': async (stage) => ({ by: stage.alice, input: { ...(await report(stage)), decision: 'mute', muteSeconds: 60 } }),
  'admin.muteUser': async ({ alice, bob }) => ({ by: alice, input: { userId: bob.id, seconds: 60 } }),
  'admin.unmuteUser': async ({ alice, bob }) => {
    await alice.call('admin.muteUser', { userId: bob.id, seconds: 60 });
    return { by: alice, input: { userId: bob.id } };
  },
  'admin.createModerationRule': async ({ alice }) => ({ by: alice, input: terms }),
  'admin.putModerationRule': async (stage) => ({ by: stage.alice, input: { ...(await rule(stage)), ...terms, threshold: 4 } }),
  'admin.deleteModerationRule': async (stage) => ({ by: stage.alice, input: await rule(stage) }),
  'admin.putWord': async ({ alice }) => ({ by: alice, input: { word: 'once listed', action: 'mask' } }),
  'admin.deleteWord': async ({ alice }) => {
    await alice.call('admin.putWord', { word: 'never listed', action: 'mask' });
    return { by: alice, input: { word: 'never listed' } };
  },
};
