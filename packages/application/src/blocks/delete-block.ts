import type { Revealed } from '@coucou/domain/blocks/block-repository';
import type { DomainEvent } from '@coucou/domain/domain-event';
import type { UserId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { useCase } from '../kernel/use-case.ts';
import { UnitOfWork } from '../ports/unit-of-work.ts';
import { raiseAccess } from './put-block.ts';

/** To the other of the two only: everybody else was told when it moved. */
const receiptMoved = ({ conversationId, receiptsVersion, receipt, to }: Revealed): DomainEvent => ({
  type: 'receipts.moved',
  conversationId,
  receiptsVersion,
  items: [receipt],
  only: to,
});

/** Harmless when there is none: nobody learns anything from the answer. */
export const deleteBlock = useCase({
  name: 'blocks.delete',
  deps: { uow: UnitOfWork },
  run: ({ uow }, { userId }: Readonly<{ userId: UserId }>, { account, actor }) =>
    uow.write(account, async (tx) => {
      await tx.relations.lockPair(actor.userId, userId);
      if (!(await tx.blocks.remove(actor.userId, userId))) return;
      const revealed = await tx.blocks.reveal(actor.userId, userId, limits.revealedConversations);
      await raiseAccess(tx, actor.userId, userId);
      tx.emit(...revealed.map(receiptMoved), { type: 'user.event', userId: actor.userId, kind: 'block.removed', payload: { userId } });
    }),
});
