import type { Stage, Writes } from '../../../tests/use-cases/idempotency/writes.ts';
import { berlin, create } from './numbers.ts';

const created = async ({ alice }: Stage) => ({ corporateNumberId: (await create(alice)).id });

/** @public Found by the suite of idempotency keys. */
export const writes: Writes = {
  'admin.createCorporateNumber': async ({ alice, bob }) => ({ by: alice, input: { number: berlin(), label: 'Sales', userId: bob.id } }),
  'admin.updateCorporateNumber': async (stage) => ({ by: stage.alice, input: { ...(await created(stage)), label: 'Support' } }),
  'admin.deleteCorporateNumber': async (stage) => ({ by: stage.alice, input: await created(stage) }),
  'admin.importCorporateNumbers': async ({ alice }) => ({
    by: alice,
    input: { numbers: [{ number: berlin() }, { number: '030 123456' }, { number: '030 123456', country: 'DE' }] },
  }),
};
