import { conversationErrors } from '@coucou/domain/conversations/conversation';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { socketOf } from '../kernel/call.ts';
import { useCase } from '../kernel/use-case.ts';
import { CurrentMembers } from '../ports/current-members.ts';
import { Watching } from '../ports/watching.ts';

type Named = Readonly<{ conversationId: ConversationId }>;

export const watchConversation = useCase({
  name: 'conversations.watch',
  deps: { currentMembers: CurrentMembers, watching: Watching },
  async run({ currentMembers, watching }, { conversationId }: Named, call) {
    const socketId = socketOf(call);
    const { account, actor } = call;
    const isMember = async () => {
      const { accessVersion, joined } = await currentMembers.present(account, conversationId, [actor.userId]);
      return { accessVersion, joinedVersion: joined.get(actor.userId) };
    };
    const { accessVersion, joinedVersion } = await isMember();
    if (joinedVersion === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
    watching.watch(socketId, { conversationId, accessVersion, joinedVersion });
    // A removal between the query and the join was announced before the socket was in; later ones are not missed.
    if ((await isMember()).joinedVersion !== undefined) return;
    watching.unwatch(socketId, account, conversationId);
    throw conversationErrors.CONVERSATION_NOT_FOUND();
  },
});

/** Idempotent. */
export const unwatchConversation = useCase({
  name: 'conversations.unwatch',
  deps: { watching: Watching },
  run: async ({ watching }, { conversationId }: Named, call) => watching.unwatch(socketOf(call), call.account, conversationId),
});
