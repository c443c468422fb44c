import type { Writes } from '../../../tests/use-cases/idempotency/writes.ts';

/** @public Found by the suite of idempotency keys. */
export const writes: Writes = {
  'admin.putLinkPreviews': async ({ alice }) => ({ by: alice, input: { enabled: true } }),
};
