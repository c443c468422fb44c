import type { Writes } from '../../../tests/use-cases/idempotency/writes.ts';
import { nowhere } from './belongings.ts';

/** @public Found by the suite of idempotency keys. */
export const writes: Writes = {
  'push.subscribe': async ({ app, bob }) => ({ by: await app.signIn(bob), input: nowhere('send/1') }),
  'push.unsubscribe': async ({ app, bob }) => {
    const by = await app.signIn(bob);
    await by.call('push.subscribe', nowhere('send/2'));
    return { by };
  },
};
