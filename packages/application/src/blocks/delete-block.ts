import type { UserId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import { UnitOfWork } from '../ports/unit-of-work.ts';
import { raiseAccess } from './put-block.ts';

/** Harmless when there is none: nobody learns anything from the answer. */
export const deleteBlock = useCase({
  name: 'blocks.delete',
  deps: { uow: UnitOfWork },
  run: ({ uow }, { userId }: Readonly<{ userId: UserId }>, { account, actor }) =>
    uow.write(account, async (tx) => {
      await tx.relations.lockPair(actor.userId, userId);
      if (!(await tx.blocks.remove(actor.userId, userId))) return;
      await raiseAccess(tx, actor.userId, userId);
      tx.emit({ type: 'user.event', userId: actor.userId, kind: 'block.removed', payload: { userId } });
    }),
});
