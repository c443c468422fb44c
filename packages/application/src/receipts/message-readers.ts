import type { MessageId } from '@coucou/domain/kernel/ids';
import { messageErrors } from '@coucou/domain/messages/message';
import { useCase } from '../kernel/use-case.ts';
import { ReceiptReader } from './receipt-reader.ts';

export const messageReaders = useCase({
  name: 'messages.readers',
  deps: { reader: ReceiptReader },
  async run({ reader }, { messageId }: Readonly<{ messageId: MessageId }>, { account, actor }) {
    const readers = await reader.readers(account, actor.userId, messageId);
    if (readers === undefined) throw messageErrors.MESSAGE_NOT_FOUND();
    return readers;
  },
});
