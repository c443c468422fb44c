import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { Erasures } from '@coucou/application/privacy/repositories';
import type { Caller, TestApp } from './test-app.ts';

const deps = { uow: unitOfWork({ erasures: Erasures }) };

/** Runs the next stage of somebody's erasure: it is made due, its lease is released, and the outbox is drained. */
export async function passErasure(app: TestApp, { id, account }: Pick<Caller, 'id' | 'account'>): Promise<void> {
  await app.container.portsOf(deps).uow.write(account, async (tx) => {
    const erasure = await tx.erasures.findOf(id);
    if (erasure?.dueAt === undefined) throw new Error('there is nothing to be erased');
    await tx.erasures.update({ ...erasure, dueAt: new Date(Date.now() - 1_000) }, undefined);
  });
  await app.dueNow();
  await app.settled();
}
