import type { MessageId } from '@coucou/domain/kernel/ids';
import { messageErrors } from '@coucou/domain/messages/message';
import { useCase } from '../kernel/use-case.ts';
import { MessageReader } from './message-reader.ts';

export const getMessage = useCase({
  name: 'messages.get',
  deps: { reader: MessageReader },
  async run({ reader }, input: Readonly<{ messageId: MessageId }>, { account, actor }) {
    const message = await reader.find(account, actor.userId, input.messageId);
    if (message === undefined) throw messageErrors.MESSAGE_NOT_FOUND();
    return message;
  },
});
