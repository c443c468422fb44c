import type { MessageId } from '@coucou/domain/kernel/ids';
import { MessageChange } from '@coucou/domain/messages/message-change';
import { Conversations } from '../conversations/repositories.ts';
import type { UserCall } from '../kernel/call.ts';
import type { Ports } from '../kernel/token.ts';
import { useCase } from '../kernel/use-case.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { reactionChanged } from './message-events.ts';
import { MessageSettings } from './message-settings.ts';
import { changeOf, openMessage } from './open-message.ts';
import { Messages } from './repositories.ts';

export type SetReaction = Readonly<{ messageId: MessageId; emoji: string }>;

const deps = { uow: unitOfWork({ messages: Messages, conversations: Conversations }), clock: Clock, settings: MessageSettings };

/** Idempotent: an unchanged reaction uses no version. */
const setReaction =
  (added: boolean) =>
  ({ uow, clock, settings }: Ports<typeof deps>, { messageId, emoji }: SetReaction, { account, actor }: UserCall): Promise<void> =>
    uow.write(account, async (tx) => {
      const opened = await openMessage(tx, messageId, actor.userId);
      const reacted = added ? MessageChange.react(opened, emoji, settings) : MessageChange.unreact(opened, emoji);
      if (reacted === undefined) return;
      const { message, count } = reacted;
      await tx.messages.react(message, actor.userId, emoji, added, clock.now());
      const { seq, version } = message;
      tx.emit(reactionChanged({ ...changeOf(opened, version), messageId, seq, emoji, userId: actor.userId, added, count }));
    });

export const putReaction = useCase({ name: 'reactions.put', deps, run: setReaction(true) });
export const deleteReaction = useCase({ name: 'reactions.delete', deps, run: setReaction(false) });
