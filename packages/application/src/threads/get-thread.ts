import type { MessageId } from '@coucou/domain/kernel/ids';
import { messageErrors } from '@coucou/domain/messages/message';
import { useCase } from '../kernel/use-case.ts';
import { ThreadReader } from './thread-reader.ts';

export type GetThread = Readonly<{ messageId: MessageId; limit: number; cursor?: string | undefined }>;

export const getThread = useCase({
  name: 'threads.get',
  deps: { reader: ThreadReader },
  async run({ reader }, { messageId, limit, cursor }: GetThread, { account, actor }) {
    const thread = await reader.find(account, actor.userId, messageId, { limit, cursor });
    if (thread === undefined) throw messageErrors.MESSAGE_NOT_FOUND();
    return thread;
  },
});
