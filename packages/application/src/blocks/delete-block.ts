import type { UserId } from '@coucou/domain/kernel/ids';
import { limits } from '@coucou/domain/kernel/limits';
import { Conversations } from '../conversations/repositories.ts';
import { useCase } from '../kernel/use-case.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { revealedEvent } from '../receipts/receipt-audience.ts';
import { UserRelations } from '../users/repositories.ts';
import { feedEntryAdded } from '../users/user-events.ts';
import { raiseAccess } from './put-block.ts';
import { Blocks } from './repositories.ts';

/** Idempotent: the answer reveals nothing. */
export const deleteBlock = useCase({
  name: 'blocks.delete',
  deps: { uow: unitOfWork({ relations: UserRelations, blocks: Blocks, conversations: Conversations }) },
  run: ({ uow }, { userId }: Readonly<{ userId: UserId }>, { account, actor }) =>
    uow.write(account, async (tx) => {
      await tx.relations.lockPair(actor.userId, userId);
      if (!(await tx.blocks.remove(actor.userId, userId))) return;
      const revealed = await tx.blocks.reveal(actor.userId, userId, limits.revealedConversations);
      await raiseAccess(tx, actor.userId, userId);
      tx.emit(...revealed.map(revealedEvent), feedEntryAdded({ userId: actor.userId, kind: 'block.removed', payload: { userId } }));
    }),
});
