import { Conversation, conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationRepository } from '@coucou/domain/conversations/conversation-repository';
import type { Draft } from '@coucou/domain/drafts/draft';
import { errors } from '@coucou/domain/kernel/errors';
import type { ConversationId, MessageId, UserId } from '@coucou/domain/kernel/ids';
import { messageErrors } from '@coucou/domain/messages/message';
import { Conversations } from '../conversations/repositories.ts';
import { useCase } from '../kernel/use-case.ts';
import { openMessage } from '../messages/open-message.ts';
import { Messages } from '../messages/repositories.ts';
import { Clock } from '../ports/clock.ts';
import { unitOfWork } from '../ports/unit-of-work.ts';
import { feedEntryAdded } from '../users/user-events.ts';
import { Drafts } from './repositories.ts';

type Named = Readonly<{ conversationId: ConversationId }>;
export type PutDraft = Named & Readonly<{ content: string; replyToId?: MessageId | undefined }>;

async function requireMember(tx: Readonly<{ conversations: ConversationRepository }>, id: ConversationId, user: UserId): Promise<void> {
  if ((await tx.conversations.lookup(id)) === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
  Conversation.requireMember((await tx.conversations.members(id, [user]))[0]);
}

export const getDraft = useCase({
  name: 'drafts.get',
  deps: { uow: unitOfWork({ drafts: Drafts, conversations: Conversations }) },
  run: ({ uow }, { conversationId }: Named, { account, actor }): Promise<Draft> =>
    uow.read(account, async (tx) => {
      await requireMember(tx, conversationId, actor.userId);
      const draft = await tx.drafts.lookup(conversationId, actor.userId);
      if (draft === undefined) throw errors.NOT_FOUND({ what: 'draft' });
      return draft;
    }),
});

/** Replaces the draft; the last write wins. An unchanged draft emits nothing. */
export const putDraft = useCase({
  name: 'drafts.put',
  deps: { uow: unitOfWork({ drafts: Drafts, conversations: Conversations, messages: Messages }), clock: Clock },
  run: ({ uow, clock }, { conversationId, content, replyToId }: PutDraft, { account, actor }): Promise<Draft> =>
    uow.write(account, async (tx) => {
      await requireMember(tx, conversationId, actor.userId);
      if (replyToId !== undefined) {
        const { message } = await openMessage(tx, replyToId, actor.userId, { lock: false });
        if (message.conversationId !== conversationId) throw messageErrors.MESSAGE_NOT_FOUND({ field: 'replyToId' });
      }
      const before = await tx.drafts.lookup(conversationId, actor.userId);
      if (before !== undefined && before.content === content && before.replyToId === replyToId) return before;
      const draft = { conversationId, userId: actor.userId, content, replyToId, updatedAt: clock.now() };
      await tx.drafts.put(draft);
      const payload = { conversationId, content, replyToId, updatedAt: draft.updatedAt.toISOString() };
      tx.emit(feedEntryAdded({ userId: actor.userId, kind: 'draft.updated', payload }));
      return draft;
    }),
});

/** Also for former members, who may still delete their own draft. */
export const deleteDraft = useCase({
  name: 'drafts.delete',
  deps: { uow: unitOfWork({ drafts: Drafts }) },
  run: ({ uow }, { conversationId }: Named, { account, actor }) =>
    uow.write(account, async (tx) => {
      if (await tx.drafts.remove(conversationId, actor.userId))
        tx.emit(feedEntryAdded({ userId: actor.userId, kind: 'draft.updated', payload: { conversationId } }));
    }),
});
