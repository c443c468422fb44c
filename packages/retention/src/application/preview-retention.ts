import { Conversations } from '@coucou/application/conversations/repositories';
import { adminUseCase } from '@coucou/application/kernel/use-case';
import { Clock } from '@coucou/application/ports/clock';
import { unitOfWork } from '@coucou/application/ports/unit-of-work';
import { conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { type Figures, RetentionReader } from './retention-repository.ts';

export type PreviewRetention = Readonly<{
  conversationId?: ConversationId | undefined;
  policy?: Readonly<{ maxAgeDays?: number | undefined; maxMessages?: number | undefined }> | undefined;
}>;

/** Conversations counted in one statement. */
const SCAN = 200;

/** What the next run would trim, or would under another policy; nothing is changed. */
export const previewRetention = adminUseCase({
  name: 'admin.previewRetention',
  deps: { reader: RetentionReader, uow: unitOfWork({ conversations: Conversations }), clock: Clock },
  async run({ reader, uow, clock }, { conversationId, policy }: PreviewRetention, { account }): Promise<Figures> {
    if (conversationId !== undefined && (await uow.read(account, (tx) => tx.conversations.lookup(conversationId))) === undefined)
      throw conversationErrors.CONVERSATION_NOT_FOUND();
    const asked = {
      conversation: conversationId,
      policy: policy && { maxAgeDays: policy.maxAgeDays, maxMessages: policy.maxMessages },
      now: clock.now(),
    };
    const sum = { conversations: 0, messages: 0, files: 0, fileBytes: 0, held: 0 };
    let after: ConversationId | undefined;
    do {
      const { last, ...page } = await reader.figures(account, asked, after, SCAN);
      for (const [name, count] of Object.entries(page)) sum[name as keyof Figures] += count;
      after = last;
    } while (after !== undefined);
    return sum;
  },
});
