import type { MessageId } from '@coucou/domain/kernel/ids';
import { MessageChange } from '@coucou/domain/messages/message-change';
import { Conversations } from '../conversations/repositories.ts';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { pinChanged } from './message-events.ts';
import { changeOf, openMessage } from './open-message.ts';
import { Messages } from './repositories.ts';

export type SetPin = Readonly<{ messageId: MessageId }>;

const deps = { uow: unitOfWork({ messages: Messages, conversations: Conversations }), clock: Clock };

const setPin =
  (pinned: boolean) =>
  ({ uow, clock }: Ports<typeof deps>, { messageId }: SetPin, { account, actor }: UserCall): Promise<void> =>
    uow.write(account, async (tx) => {
      const opened = await openMessage(tx, messageId, actor.userId);
      const changed = MessageChange.pin(opened, pinned, pinned ? await tx.messages.countPins(opened.conversation.id) : 0);
      if (changed === undefined) return;
      await tx.messages.pin(changed, actor.userId, clock.now());
      tx.emit(pinChanged({ ...changeOf(opened, changed.version), messageId, seq: changed.seq, pinned, userId: actor.userId }));
    });

export const putPin = useCase({ name: 'pins.put', deps, run: setPin(true) });
export const deletePin = useCase({ name: 'pins.delete', deps, run: setPin(false) });
