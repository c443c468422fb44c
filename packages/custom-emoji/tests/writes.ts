import type { Writes } from '../../../tests/use-cases/idempotency/writes.ts';
import { parrot, put } from './emoji.ts';

/** @public Found by the suite of idempotency keys. */
export const writes: Writes = {
  'admin.putEmoji': async ({ alice }) => ({ by: alice, input: { name: parrot(), imageUrl: 'https://example.com/parrot.gif' } }),
  'admin.deleteEmoji': async ({ alice }) => ({ by: alice, input: { name: (await put(alice)).name } }),
};
