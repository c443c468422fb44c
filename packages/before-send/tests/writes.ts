import type { Stage, Writes } from '../../../tests/use-cases/idempotency/writes.ts';
import { create } from './hook.ts';

/** Disabled: the account is that of other calls, which are not asked about. Nobody answers there. */
async function created({ alice }: Stage): Promise<void> {
  await alice.call('admin.deleteBeforeSendHook').catch(() => {});
  await create(alice, 'https://hooks.invalid/', { enabled: false, timeoutMs: 100 });
}

const withHook = (input: Record<string, unknown>) => async (stage: Stage) => {
  await created(stage);
  return { by: stage.alice, input };
};

/** @public Found by the suite of idempotency keys. */
export const writes: Writes = {
  'admin.updateBeforeSendHook': withHook({ timeoutMs: 200 }),
  'admin.deleteBeforeSendHook': withHook({}),
  'admin.testBeforeSendHook': withHook({ text: 'hello' }),
};
