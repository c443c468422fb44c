import { conversationErrors } from '@coucou/domain/conversations/conversation';
import { type ConversationAction, may } from '@coucou/domain/conversations/permissions';
import { errors } from '@coucou/domain/kernel/errors';
import type { ConversationId } from '@coucou/domain/kernel/ids';
import { useCase } from '../kernel/use-case.ts';
import type { Page } from './conversation-reader.ts';
import { type Guarded, InviteReader } from './invite-reader.ts';

type List = Readonly<{ conversationId: ConversationId; limit: number; cursor?: string | undefined }>;

function unlock<Item>(guarded: Guarded<Item> | undefined, action: ConversationAction): Page<Item> {
  if (guarded === undefined) throw conversationErrors.CONVERSATION_NOT_FOUND();
  if (!may(guarded.type, guarded.role, action)) throw errors.FORBIDDEN({ action });
  return guarded.page;
}

export const listInvites = useCase({
  name: 'invites.list',
  deps: { reader: InviteReader },
  run: async ({ reader }, { conversationId, limit, cursor }: List, { account, actor }) =>
    unlock(await reader.invites(account, actor.userId, conversationId, { limit, cursor }), 'invite'),
});

export const listBans = useCase({
  name: 'bans.list',
  deps: { reader: InviteReader },
  run: async ({ reader }, { conversationId, limit, cursor }: List, { account, actor }) =>
    unlock(await reader.bans(account, actor.userId, conversationId, { limit, cursor }), 'ban'),
});
