import type { MessageId, UserId } from '@coucou/domain/kernel/ids';
import { type Message, messageErrors } from '@coucou/domain/messages/message';
import { MessageChange } from '@coucou/domain/messages/message-change';
import { Conversations } from '../conversations/repositories.ts';
import { useCase } from '../kernel/use-case.ts';
import { Reports } from '../moderation/repositories.ts';
import { Clock } from '../ports/clock.ts';
import { Hooks } from '../ports/hooks.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { UserRelations, Users } from '../users/repositories.ts';
import { expandMentions } from './expand-mentions.ts';
import { messageUpdated } from './message-events.ts';
import { messageStored } from './message-hooks.ts';
import { MessageReader } from './message-reader.ts';
import { MessageSettings } from './message-settings.ts';
import { changeOf, openMessage } from './open-message.ts';
import { Messages } from './repositories.ts';
import { resolveReferences } from './resolve-references.ts';

export type EditMessage = Readonly<{ messageId: MessageId; content: string; mentions?: readonly (UserId | '@all')[] | undefined }>;

/** An edit passes the same hooks as a new message. */
export const editMessage = useCase({
  name: 'messages.edit',
  deps: {
    uow: unitOfWork({ messages: Messages, conversations: Conversations, reports: Reports, users: Users, relations: UserRelations }),
    reader: MessageReader,
    hooks: Hooks,
    clock: Clock,
    settings: MessageSettings,
  },
  async run({ uow, reader, hooks, clock, settings }, input: EditMessage, call): Promise<Message> {
    const { account, actor } = call;
    const seen = await reader.find(account, actor.userId, input.messageId);
    if (seen === undefined) throw messageErrors.MESSAGE_NOT_FOUND();
    // Before hooks and references, so that a non-member learns nothing from either.
    await uow.read(account, async (tx) => {
      const opened = await openMessage(tx, input.messageId, actor.userId, { lock: false });
      MessageChange.edit(opened, { content: input.content }, settings, clock.now());
    });
    const { mentions: mentioned } = await expandMentions(hooks, seen.conversationId, { mentions: input.mentions }, call);
    const named = mentioned && (await resolveReferences(reader, { ...seen, senderId: actor.userId }, { mentions: mentioned }));
    const mentions = named && { mentions: named.mentions, mentionAll: named.mentionAll };
    const { content = input.content } = await hooks.run(messageStored, { ...seen, ...mentions, content: input.content }, call);

    return uow.write(account, async (tx) => {
      const opened = await openMessage(tx, input.messageId, actor.userId);
      const edited = MessageChange.edit(opened, { content, mentions }, settings, clock.now());
      if (edited === undefined) return opened.message;
      await tx.messages.edit(edited, opened.message);
      const { accessVersion, withheld } = changeOf(opened, edited.version);
      const change = MessageChange.mentionsChanged(opened.message, edited);
      tx.emit(messageUpdated({ message: edited, accessVersion, withheld, mentions: change }));
      return edited;
    });
  },
});
